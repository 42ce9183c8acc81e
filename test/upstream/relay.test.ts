import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/reading.ts'
import { dialects, type DialectName } from '../../src/upstream/dialect.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import type { HttpAnswer } from '../../src/upstream/http.ts'
import { relay, type Relayed } from '../../src/upstream/relay.ts'
import type { Look } from '../../src/upstream/route.ts'
import type { Sender } from '../../src/upstream/sender.ts'
import { readingOf } from '../support/fleet-answers.ts'
import { patch } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { intentOf } from '../support/intent-of.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'

type Reply = { readonly status?: number; readonly body: string } | UpstreamError
const done: Reply = { body: '{"info": "x is now in the repo\\n", "warning": "", "error": ""}' }

interface Relaying {
  readonly relayed: Relayed | UpstreamError
  readonly sent: readonly string[]
}

/** One call in one dialect; the region answers in turn, the last answer for ever. */
async function relayed(
  dialect: DialectName,
  asked: string,
  body: JsonObject = {},
  replies: readonly Reply[] = [done],
  look: Look = () => Promise.reject(new UpstreamError('timeout', 'nobody looks')),
): Promise<Relaying> {
  const sent: string[] = []
  const take = async ({
    method,
    path,
    body: text,
  }: {
    method: string
    path: string
    body?: unknown
  }): Promise<HttpAnswer> => {
    const reply =
      replies[
        Math.min(
          sent.push(`${method} ${path} ${typeof text === 'string' ? text : ''}`.trim()),
          replies.length,
        ) - 1
      ]
    if (reply === undefined || reply instanceof UpstreamError) throw reply ?? new Error('no answer is played')
    return { status: reply.status ?? 200, header: () => '', body: Buffer.from(reply.body) }
  }
  const sender = { read: (_, request) => take(request), write: (_, request) => take(request) } as Pick<
    Sender,
    'read' | 'write'
  >
  const region = createRegion('east', { keystoneRegion: 'RegionOne' })
  const outcome = await relay(intentOf(asked, body, { region }), dialects[dialect], {
    sender: sender as Sender,
    look,
    writeTimeouts,
  }).catch((error: unknown) => {
    if (error instanceof UpstreamError) return error
    throw error
  })
  return { relayed: outcome, sent }
}

const [stx9, stx10, stx11, master] = ['usm-stx9', 'usm-stx10', 'usm-stx11', 'usm-master'] as const

describe('what a region is sent', () => {
  const start = 'POST /v1/deploy/x-1/start'
  const precheck = 'POST /v1/deploy/x-1/precheck'
  const own = '"region_name":"RegionOne"'

  test.each<[DialectName, string, JsonObject, string]>([
    [stx9, start, {}, 'POST /v1/software/deploy_start/x-1 {}'],
    [stx9, start, { force: true }, 'POST /v1/software/deploy_start/x-1/force {}'],
    [stx9, precheck, {}, `POST /v1/software/deploy_precheck/x-1 {${own}}`],
    [stx9, 'POST /v1/deploy_host/c-0', { force: 'yes' }, 'POST /v1/software/deploy_host/c-0/force {}'],
    [stx9, 'DELETE /v1/release/a-1/b-2', {}, 'POST /v1/software/delete/a-1/b-2 {}'],
    [stx10, start, {}, 'POST /v1/deploy/x-1/start {}'],
    // Its mere presence forces there, whatever it says.
    [stx10, start, { force: false }, 'POST /v1/deploy/x-1/start {}'],
    [stx10, start, { force: null }, 'POST /v1/deploy/x-1/start {}'],
    [stx10, start, { force: 'no' }, 'POST /v1/deploy/x-1/start {}'],
    [stx10, start, { force: 1 }, 'POST /v1/deploy/x-1/start {"force":"true"}'],
    [stx10, start, { pre_upgrade_deploy: false }, 'POST /v1/deploy/x-1/start {}'],
    [stx10, precheck, { force: false, region_name: 'east' }, `POST /v1/deploy/x-1/precheck {${own}}`],
    [stx10, 'POST /v1/deploy/precheck', { releases: ['x-1'] }, `POST /v1/deploy/x-1/precheck {${own}}`],
    [stx10, 'POST /v1/deploy_host/c-0', { force: true }, 'POST /v1/deploy_host/c-0/force'],
    [stx10, 'POST /v1/deploy_host/c-0/force/rollback', {}, 'POST /v1/deploy_host/c-0/rollback/force'],
    [stx11, start, { options: ['a=b'] }, 'POST /v1/deploy/x-1/start {"options":["a=b"]}'],
    [master, start, { force: false }, 'POST /v1/deploy/start {"releases":["x-1"]}'],
    [
      master,
      start,
      { force: true, remove: false },
      'POST /v1/deploy/start {"releases":["x-1"],"force":"true","remove":false}',
    ],
    [master, precheck, {}, `POST /v1/deploy/precheck {"releases":["x-1"],${own}}`],
    [master, 'POST /v1/deploy_host/install_local', {}, 'POST /v1/deploy_host/install_local {"delete":false}'],
    ['patching-ostree', 'POST /v1/apply/P-1?skip-semantic=yes', {}, 'POST /v1/apply/P-1?skip-semantic=yes'],
    ['patching-rpm', 'POST /v1/host_install_async/c-0/force', {}, 'POST /v1/host_install_async/c-0/force'],
    ['patching-rpm', 'GET /v1/query?show=a%26b', {}, 'GET /v1/query?show=a%26b'],
  ])('%s, %s %j: %s', async (dialect, asked, body, sent) => {
    expect((await relayed(dialect, asked, body)).sent).toEqual([sent])
  })

  test.each<[DialectName, string, JsonObject]>([
    [stx9, 'POST /v1/deploy_host/c-0/rollback', {}],
    [stx9, start, { options: ['a=b'] }],
    [stx10, start, { options: ['a=b'] }],
    [stx10, start, { remove: true }],
    [stx10, 'POST /v1/deploy/start', {}],
    [stx11, 'POST /v1/deploy/start', { releases: ['a-1', 'b-2'] }],
    [stx11, 'POST /v1/deploy/select', { releases: ['a-1'] }],
  ])('%s can’t do %s %j, and nothing is sent', async (dialect, asked, body) => {
    const outcome = await relayed(dialect, asked, body)
    expect(outcome).toMatchObject({ sent: [], relayed: { status: 'refused' } })
  })
})

describe('several patches', () => {
  const needs = (requires: Record<string, string[]>): Look => {
    const pd = Object.fromEntries(
      Object.entries(requires).map(([id, all]) => [id, patch('Available', { requires: all })]),
    )
    return (async (resource: 'query') => readingOf(resource, 'east', JSON.stringify({ pd }))) as Look
  }
  const chain = needs({ 'P-1': [], 'P-2': ['P-1'], 'P-3': ['P-2'] })

  test('one by one, what is required first; removed the other way round; each once', async () => {
    const applied = await relayed('patching-ostree', 'POST /v1/apply/P-3/P-1/P-3/P-2', {}, [done], chain)
    expect(applied.sent).toEqual(['POST /v1/apply/P-1', 'POST /v1/apply/P-2', 'POST /v1/apply/P-3'])
    const removed: Reply = {
      body: '{"info": "x has been removed from the repo\\n", "warning": "", "error": ""}',
    }
    const outcome = await relayed('patching-rpm', 'POST /v1/remove/P-1/P-3', {}, [removed], chain)
    expect(outcome.sent).toEqual(['POST /v1/remove/P-3', 'POST /v1/remove/P-1'])
    expect(outcome.relayed).toMatchObject({
      succeeded: true,
      value: { info: 'x has been removed from the repo\n'.repeat(2) },
    })
  })

  test('what requires itself in a circle ends all the same', async () => {
    const circle = needs({ 'P-1': ['P-2'], 'P-2': ['P-1'] })
    expect((await relayed('patching-rpm', 'POST /v1/apply/P-1/P-2', {}, [done], circle)).sent).toHaveLength(2)
  })

  test('the first that fails is the last that is sent, and the rest is named', async () => {
    const failing: Reply = { body: '{"info": "", "warning": "", "error": "P-2 is broken\\n"}' }
    const outcome = await relayed('patching-rpm', 'POST /v1/apply/P-1/P-2/P-3', {}, [done, failing], chain)
    expect(outcome.sent).toHaveLength(2)
    expect(outcome.relayed).toMatchObject({
      http: 200,
      succeeded: false,
      value: { error: 'P-2 is broken\nNot sent: P-3\n' },
    })
  })

  test('a connection that is lost midway tells what was done before, and that something was', async () => {
    const refused = new UpstreamError('unreachable', 'connection refused', { refused: true, sent: false })
    const { relayed: error } = await relayed(
      'patching-rpm',
      'POST /v1/apply/P-1/P-2/P-3',
      {},
      [done, refused],
      chain,
    )
    expect(error).toMatchObject({
      kind: 'unreachable',
      sent: true,
      message: 'connection refused; done before: P-1; Not sent: P-3',
    })
  })

  test('where their order can’t be found out, nothing is sent', async () => {
    const { relayed: error, sent } = await relayed('patching-rpm', 'POST /v1/apply/P-1/P-2')
    expect([sent, error]).toMatchObject([[], { kind: 'timeout', sent: false }])
  })
})

describe('whether it is done', () => {
  test.each<[DialectName, string, Reply, boolean, string]>([
    [stx10, 'POST /v1/deploy/abort', { body: '{"info": "ok", "error": ""}' }, true, ''],
    [stx10, 'POST /v1/deploy/abort', { body: '{"info": "", "error": "no"}' }, false, 'no'],
    [
      stx10,
      'POST /v1/deploy/abort',
      { status: 406, body: '{"info": "not allowed", "error": ""}' },
      false,
      'not allowed',
    ],
    [stx10, 'POST /v1/deploy/abort', { status: 500, body: 'oops' }, false, 'HTTP 500: oops'],
    [
      'patching-rpm',
      'POST /v1/apply/P-1',
      { body: '{"info": "P-1 is already in the repo", "error": ""}' },
      true,
      '',
    ],
    [
      'patching-rpm',
      'POST /v1/apply/P-1',
      { body: '{"info": "P-1 requires P-0", "error": ""}' },
      false,
      'P-1 requires P-0',
    ],
    [
      'patching-rpm',
      'POST /v1/apply/P-1',
      { body: '{"info": "", "error": ""}' },
      false,
      'the region did not say that it was done',
    ],
  ])('%s, %s answered %j: %s', async (dialect, asked, reply, succeeded, error) => {
    expect((await relayed(dialect, asked, {}, [reply])).relayed).toMatchObject({
      status: 'answered',
      succeeded,
      error,
    })
  })

  test('a 403 is about the call, a 401 about the credential', async () => {
    for (const [status, ofService] of [
      [403, false],
      [401, true],
    ] as const) {
      const { relayed: error } = await relayed(stx10, 'POST /v1/release/a-1/commit_dry_run', {}, [
        { status, body: '{}' },
      ])
      expect(error).toMatchObject({ kind: 'unauthorized', ofService })
    }
  })

  test('a reason is one line of bearable length', async () => {
    const body = JSON.stringify({ info: `P-1\r\nrequires ${'P-0 '.repeat(100_000)}`, error: '' })
    const { relayed: outcome } = await relayed('patching-rpm', 'POST /v1/apply/P-1', {}, [{ body }])
    expect(outcome).toMatchObject({ error: `P-1 requires ${'P-0 '.repeat(72)}`.slice(0, 300) })
  })

  test.each<[Reply, string]>([
    [{ body: '<html>' }, 'malformed'],
    [{ body: '' }, 'malformed'],
    [{ body: '['.repeat(65) + ']'.repeat(65) }, 'malformed'],
    [{ body: '{"hostname": "a", "hostname": "b"}' }, 'malformed'],
    [{ status: 201, body: '{}' }, 'malformed'],
    [{ status: 302, body: '{}' }, 'broken'],
    [{ status: 503, body: '{}' }, 'broken'],
    [{ status: 504, body: '{}' }, 'timeout'],
    [{ status: 401, body: '{}' }, 'unauthorized'],
    [{ status: 403, body: '{"error": "Not allowed"}' }, 'unauthorized'],
  ])('%j is no answer: %s', async (reply, kind) => {
    expect((await relayed(stx10, 'POST /v1/deploy/abort', {}, [reply])).relayed).toMatchObject({
      kind,
      // A front without its service could not take it, and says so.
      sent: reply.status !== 503,
    })
  })
})
