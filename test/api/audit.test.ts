import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAppend, openAudit } from '../../src/api/audit-log.ts'
import { auditLine, type AuditLine } from '../../src/api/audit.ts'
import type { RelayOutcome } from '../../src/fleet/act.ts'
import { answers, fails } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway, type GetOptions, type TestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'

const boston = createRegion('5d5b', { subcloud: 'boston-1' })
const done: RelayOutcome = {
  status: 'answered',
  http: 200,
  value: { info: 'secret words' },
  succeeded: true,
  error: '',
}

function gatewayWith(outcome: RelayOutcome | Error = done): TestGateway {
  const callers = { bostonian: callerWith('admin', ['boston-1']), nobody: callerWith(undefined) }
  return createTestGateway(
    [boston, createRegion('denver')],
    () => fails('timeout', 'no answer'),
    callers,
    async () => {
      if (outcome instanceof Error) throw outcome
      return outcome
    },
  )
}

const abort = '/regions/boston-1/v1/deploy/abort'
const json = { 'content-type': 'application/json' }
const write = (more: GetOptions = {}): GetOptions => ({ as: 'configurator', method: 'POST', ...more })

describe('exactly one line', () => {
  const lost: RelayOutcome = {
    status: 'failed',
    kind: 'timeout',
    message: 'no answer',
    ofService: true,
    sent: true,
  }

  test.each<[string, RelayOutcome | Error, number, string, string]>([
    ['done', done, 200, 'done', ''],
    ['not done', { ...done, http: 406, succeeded: false, error: 'no' }, 406, 'failed', 'no'],
    [
      'a 200 that is none',
      { ...done, succeeded: false, error: 'not in the repo' },
      200,
      'failed',
      'not in the repo',
    ],
    [
      'lost',
      lost,
      504,
      'unknown',
      'boston-1: no answer; it was sent; state now: unknown, boston-1: no answer',
    ],
    ['not sent', { ...lost, kind: 'unreachable', sent: false }, 502, 'failed', 'boston-1: no answer'],
    ['what its release can’t', { status: 'refused', reason: 'too old' }, 409, 'refused', 'boston-1: too old'],
    ['our own fault', new Error('a bug'), 500, 'unknown', 'the gateway failed'],
  ])('for a write that is %s', async (_, outcome, status, became, error) => {
    const { get, audited } = gatewayWith(outcome)
    expect((await get(abort, write())).status).toBe(status)
    expect(audited).toMatchObject([
      {
        call: 'abort_deployment',
        status,
        error,
        regions: [
          { region_name: '5d5b', subcloud_name: 'boston-1', outcome: became, status, error, took_ms: 0 },
        ],
      },
    ])
  })

  test.each<[string, string, GetOptions, number, string | null, boolean]>([
    ['role', abort, { as: 'operator' }, 403, 'abort_deployment', false],
    ['no role', abort, { as: 'nobody' }, 403, 'abort_deployment', false],
    ['scope', '/regions/denver/v1/deploy/abort', { as: 'bostonian' }, 404, 'abort_deployment', false],
    ['no region', '/v1/deploy/abort', {}, 400, 'abort_deployment', false],
    ['several regions', '/v1/deploy/abort?region_name=*', {}, 400, 'abort_deployment', false],
    ['an id', '/regions/boston-1/v1/apply/--all', {}, 400, null, false],
    ['a separator', '/regions/boston-1/v1/apply/a%2Fb', {}, 400, null, false],
    ['a path that is none', '/regions/boston-1/v1/deploy/destroy', {}, 404, null, false],
    ['a method', abort, { method: 'PUT' }, 405, null, false],
    ['a parameter', '/regions/boston-1/v1/deploy/x-1/start?force=maybe', {}, 400, 'start_deployment', true],
    ['no JSON', abort, { body: '{', headers: json }, 400, 'abort_deployment', false],
    [
      'its type',
      abort,
      { body: '<a/>', headers: { 'content-type': 'text/xml' } },
      415,
      'abort_deployment',
      false,
    ],
    ['its size', abort, { body: ' '.repeat(256 * 1024 + 1), headers: json }, 413, 'abort_deployment', false],
    ['a call that is never made', '/regions/boston-1/v1/upload_dir', {}, 400, 'upload_patch_dir', true],
    [
      'an upload',
      '/regions/boston-1/usm/v1/upload',
      { body: 'x', headers: json },
      415,
      'upload_release',
      true,
    ],
  ])('for one that is refused by %s', async (_, path, options, status, call, named) => {
    const { get, audited } = gatewayWith()
    expect((await get(path, write(options))).status).toBe(status)
    expect(audited).toMatchObject([{ call, status, error: expect.stringMatching(/./) as string }])
    expect(audited[0]?.regions.map(({ outcome }) => outcome)).toEqual(named ? ['refused'] : [])
  })

  test('none for a read, a GET of a write, or who is not known', async () => {
    const { get, audited } = gatewayWith()
    await get('/regions/boston-1/v1/deploy')
    await get('/regions/boston-1/v1/query', write())
    expect((await get(abort)).status).toBe(405)
    expect((await get('/regions/boston-1/v1/apply/a%2Fb', { method: 'HEAD' })).status).toBe(400)
    expect((await get(abort, write({ as: 'stranger' }))).status).toBe(401)
    expect(audited).toEqual([])
  })
})

test('who, what and where, and nothing else', async () => {
  const { get, audited, clock } = gatewayWith()
  const body =
    '{"releases": ["stx-1"], "force": "yes", "options": ["a=b"], "password": "hush", "region_name": "boston-1"}'
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`
  const headers = { ...json, 'x-request-id': 'req-7', traceparent, cookie: 'hush' }
  await get(
    '/v1/deploy/start?region_name=boston-1',
    write({ body: body.replace('"password": "hush", ', ''), headers }),
  )
  await get('/regions/boston-1/v1/deploy/start?token=hush', write({ body, headers }))
  const line: AuditLine = {
    time: new Date(clock.now()).toISOString(),
    request_id: 'req-7',
    trace_id: '1'.repeat(32),
    subject: 'tester',
    issuer: 'https://idp.test',
    role: 'configurator',
    call: 'start_deployment',
    method: 'POST',
    path: '/v1/deploy/start',
    ids: ['stx-1'],
    parameters: { options: ['a=b'], force: true },
    files: [],
    status: 200,
    error: '',
    regions: [
      { region_name: '5d5b', subcloud_name: 'boston-1', outcome: 'done', status: 200, error: '', took_ms: 0 },
    ],
  }
  expect(audited).toEqual([line, { ...line, path: '/regions/boston-1/v1/deploy/start' }])
  expect(JSON.stringify(audited)).not.toContain('hush')
})

test('of an upload the names and sizes, not the content', async () => {
  const { get, audited } = gatewayWith()
  const body =
    '--b\r\nContent-Disposition: form-data; name="f"; filename="/home/x.patch"\r\n\r\nhush\r\n--b--\r\n'
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  expect((await get('/regions/boston-1/v1/upload?service=usm', write({ body, headers }))).status).toBe(200)
  expect(audited).toMatchObject([{ call: 'upload_release', files: [{ name: '/home/x.patch', size: 4 }] }])
  expect(JSON.stringify(audited)).not.toContain('hush')
})

describe('the file', () => {
  const lineOf = (subject: string, path = '/x'): AuditLine =>
    auditLine(
      0,
      {
        requestId: 'r',
        traceId: '1'.repeat(32),
        caller: { ...callerWith('admin'), subject },
        method: 'POST',
        path,
        status: 200,
        error: '',
      },
      { parameters: { a: 'b\r\n{"forged": 1}\u2028' } },
      [],
    )
  async function fileAt(name = 'audit.log'): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-audit-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    return join(folder, name)
  }
  afterEach(() => void vi.restoreAllMocks())

  test('is its owner’s alone, has a line for each write in their order, and is appended to', async () => {
    const file = await fileAt()
    for (const round of ['a', 'b']) {
      const { write: log, close } = await openAudit(file)
      for (let i = 0; i < 100; i++) void log(lineOf(`${round}${i}\nforged: "yes"`, '/v1/\r\n'))
      await close()
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const lines = (await readFile(file, 'utf8')).split(/\r\n|[\r\n]/)
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => (JSON.parse(line) as AuditLine).subject.split('\n')[0])).toEqual(
      ['a', 'b'].flatMap((round) => Array.from({ length: 100 }, (_, i) => `${round}${i}`)),
    )
  })

  test('a path of any length is cut', () => {
    expect(lineOf('a', `/${'x'.repeat(5_000)}`).path).toHaveLength(1_000)
  })

  test('a full disk ends nothing, and what could not be kept is said elsewhere', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const { write: log, close } = await openAudit('/dev/full')
    for (const subject of ['first', 'second']) void log(lineOf(subject))
    await close()
    const text = said.mock.calls.map(([each]) => String(each))
    expect(text).toEqual(
      ['first', 'second'].map(
        (subject) => expect.stringMatching(`^audit log /dev/full: ENOSPC.*"subject":"${subject}"`) as string,
      ),
    )
  })

  test('a line of which a full disk took a part spoils none of those after it', async () => {
    let room = 25
    let kept = ''
    const append = createAppend(
      {
        async write(bytes: Buffer, from: number) {
          if (room === 0) throw new Error('ENOSPC')
          const taken = bytes.subarray(from, from + room)
          kept += taken.toString()
          room -= taken.length
          return { bytesWritten: taken.length, buffer: bytes }
        },
      } as Parameters<typeof createAppend>[0],
      false,
    )
    await append('the first line\n')
    await expect(append('the second line\n')).rejects.toThrow('ENOSPC')
    await expect(append('the third line\n')).rejects.toThrow('ENOSPC')
    room = 100
    await append('the fourth line\n')
    await append('the fifth line\n')
    expect(kept.split('\n')).toEqual([
      'the first line',
      'the second',
      'the fourth line',
      'the fifth line',
      '',
    ])
  })

  test('nor does one that a killed gateway left', async () => {
    const file = await fileAt()
    await writeFile(file, 'a part of a li')
    for (const subject of ['a', 'b']) {
      const { write: log, close } = await openAudit(file)
      void log(lineOf(subject))
      await close()
    }
    const [part, ...lines] = (await readFile(file, 'utf8')).split('\n')
    expect([
      part,
      ...lines.map((line) => (line === '' ? '' : (JSON.parse(line) as AuditLine).subject)),
    ]).toEqual(['a part of a li', 'a', 'b', ''])
  })

  test('one that can’t be opened is told at once', async () => {
    await expect(openAudit(await fileAt('no/such/folder'))).rejects.toThrow('ENOENT')
  })

  test('without one, standard output', async () => {
    const said = vi.spyOn(process.stdout, 'write').mockImplementation((...given: readonly unknown[]) => {
      const [, written] = given as [string, () => void]
      written()
      return true
    })
    const { write: log, close } = await openAudit(undefined)
    void log(lineOf('a'))
    await close()
    const text = said.mock.calls.map(([each]) => String(each)).join('')
    said.mockRestore()
    expect([JSON.parse(text), text.indexOf('\n')]).toEqual([{ audit: lineOf('a') }, text.length - 1])
  })
})

test('an answer waits for its line, but not for a log that hangs', async () => {
  const gateway = createTestGateway(
    [boston],
    () => fails('timeout'),
    {},
    async () => done,
    undefined,
    {
      audit: () => new Promise(() => undefined),
    },
  )
  expect((await gateway.get(abort, write())).status).toBe(200)
})

test('reads of the state after a lost answer leave no line', async () => {
  const gateway = createTestGateway(
    [boston],
    () => answers([]),
    {},
    async () => ({
      status: 'failed',
      kind: 'timeout',
      message: 'm',
      ofService: true,
      sent: true,
    }),
  )
  await gateway.get(abort, write())
  expect(gateway.audited).toHaveLength(1)
})
