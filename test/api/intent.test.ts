import { describe, expect, test } from 'vitest'
import { Problem } from '../../src/api/problem.ts'
import type { Intent } from '../../src/model/intent.ts'
import type { JsonObject } from '../../src/model/reading.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { intentOf as meant } from '../support/intent-of.ts'

const boston = createRegion('5d5b', { subcloud: 'boston-1', keystoneRegion: 'RegionOne' })

const intentOf = (asked: string, body: JsonObject = {}, strict = false): Intent =>
  meant(asked, body, { region: boston, strict })

/** The sentence that it is refused with; fails the test where it is a 400 of no parameter, or no refusal. */
function refusalOf(...asked: Parameters<typeof intentOf>): string {
  try {
    intentOf(...asked)
  } catch (error) {
    if (error instanceof Problem && error.status === 400 && error.slug === 'bad-parameter')
      return error.message
    throw error
  }
  throw new Error('it was taken')
}

const start = 'POST /v1/deploy/stx-1/start'
const precheck = 'POST /v1/deploy/stx-1/precheck'

describe('force', () => {
  test.each<[unknown, boolean]>([
    [true, true],
    ['true', true],
    ['True', true],
    ['YES', true],
    ['1', true],
    [1, true],
    ['on', true],
    [false, false],
    ['false', false],
    ['FALSE', false],
    ['no', false],
    ['n', false],
    ['0', false],
    [0, false],
    ['off', false],
    [null, false],
  ])('%j in the body: %s, and it is no parameter any more', (force, forced) => {
    expect(intentOf(start, { force })).toMatchObject({ force: forced, parameters: {} })
    if (typeof force === 'string')
      expect(intentOf(`${start}?force=${force}`)).toMatchObject({ force: forced })
  })

  test.each<[unknown]>([
    [''],
    ['maybe'],
    [' true'],
    ['true false'],
    ['tru\u0435'],
    ['ｔｒｕｅ'],
    [2],
    [-1],
    [[true]],
    [['false']],
    [{}],
    [{ force: false }],
  ])('%j is neither: refused, never guessed', (force) => {
    expect(refusalOf(start, { force })).toBe('parameter "force": write true or false')
  })

  test.each([
    ['?force', {}],
    ['?force=', {}],
    ['?force=true&force=false', {}],
    ['?force=false&force=false', {}],
    ['?force=true', { force: false }],
    ['?force=true', { force: true }],
  ])('%s with %j is refused', (query, body) => {
    expect(refusalOf(start + query, body)).toMatch(/^parameter "force"/)
  })

  test('without a word, not forced; Force and FORCE are other parameters', () => {
    expect(intentOf(start)).toMatchObject({ force: false, rollback: false, parameters: {} })
    expect(intentOf(`${start}?FORCE=true`, { Force: true })).toMatchObject({ force: false, parameters: {} })
    expect(refusalOf(start, { Force: true }, true)).toMatch(/^parameter "Force": unknown/)
  })

  test('of a host: in the path, in the body, or in both alike', () => {
    const host = 'POST /v1/deploy_host/controller-0'
    expect(intentOf(host)).toMatchObject({ force: false, rollback: false, host: 'controller-0' })
    expect(intentOf(`${host}/force`)).toMatchObject({ force: true, rollback: false })
    expect(intentOf(`${host}/rollback`)).toMatchObject({ force: false, rollback: true })
    expect(intentOf(`${host}/force/rollback`)).toMatchObject({ force: true, rollback: true })
    expect(intentOf(host, { force: 'yes' })).toMatchObject({ force: true })
    expect(intentOf(`${host}/force?force=true`)).toMatchObject({ force: true })
    expect(refusalOf(`${host}/force`, { force: false })).toBe('parameter "force": differs from the path')
  })
})

describe('which releases', () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ['POST /v1/deploy/precheck', { releases: ['a-1', 'b-2'] }, ['a-1', 'b-2']],
    ['POST /v1/deploy/precheck', { releases: 'a-1' }, ['a-1']],
    ['POST /v1/deploy/precheck?releases=a-1', {}, ['a-1']],
    ['POST /v1/deploy/start?releases=a-1&releases=b-2', {}, ['a-1', 'b-2']],
    ['POST /v1/deploy/start', { releases: null }, []],
    [start, {}, ['stx-1']],
    [start, { releases: ['stx-1'] }, ['stx-1']],
    [start, { release: 'stx-1' }, ['stx-1']],
    ['DELETE /v1/release/a-1/b-2', {}, ['a-1', 'b-2']],
  ])('%s %j', (asked, body, ids) => {
    expect(intentOf(asked, body)).toMatchObject({ ids, parameters: {} })
  })

  test.each<[string, JsonObject]>([
    [start, { releases: ['other-1'] }],
    [start, { releases: ['stx-1', 'other-1'] }],
    [start, { release: 'other-1' }],
    [start, { release: ['stx-1'] }],
    ['POST /v1/deploy/start', { releases: ['a-1', 7] }],
    ['POST /v1/deploy/start', { releases: { 0: 'a-1' } }],
    ['POST /v1/deploy/start', { releases: [['a-1']] }],
    ['POST /v1/deploy/start', { releases: ['../x'] }],
    ['POST /v1/deploy/start', { releases: ['a-1/force'] }],
    ['POST /v1/deploy/start', { releases: ['a-1,b-2'] }],
    ['POST /v1/deploy/start', { releases: ['--all'] }],
    ['POST /v1/deploy/start', { releases: ['a-1\r\n'] }],
    // In the path of stx 10 each of these would be another call.
    ['POST /v1/deploy/start', { releases: ['abort'] }],
    ['POST /v1/deploy/precheck', { releases: 'force' }],
    ['POST /v1/deploy/start?releases=complete', {}],
    ['POST /v1/deploy/start', { releases: Array.from({ length: 101 }, (_, i) => `a-${i}`) }],
    ['POST /v1/deploy/start?releases=a-1', { releases: ['a-1'] }],
  ])('%s %j is refused', (asked, body) => {
    expect(refusalOf(asked, body)).toMatch(/^parameter "(releases?|id)"/)
  })
})

describe('other parameters', () => {
  test('keep their values; those that are yes or no are normalised', () => {
    const options = ['a=b', 'c=d']
    expect(intentOf(start, { options, remove: 'false', pre_upgrade_deploy: 1 }).parameters).toEqual({
      options,
      remove: false,
      pre_upgrade_deploy: true,
    })
    expect(intentOf(`${start}?options=a=b&options=c=d`).parameters).toEqual({ options })
    expect(intentOf('POST /v1/remove/p-1?skip-semantic=yes').parameters).toEqual({ 'skip-semantic': 'yes' })
  })

  test('install_local always says whether to delete', () => {
    expect(intentOf('POST /v1/deploy_host/install_local').parameters).toEqual({ delete: false })
    expect(intentOf('POST /v1/deploy_host/install_local', { delete: 'yes' }).parameters).toEqual({
      delete: true,
    })
    expect(refusalOf('POST /v1/deploy_host/install_local', { delete: 'all' })).toMatch(/"delete"/)
  })

  test.each<[string, JsonObject]>([
    [start, { options: '/etc/passwd' }],
    [start, { options: ['a=b', '/etc/passwd'] }],
    [`${start}?options=/etc/passwd`, {}],
    [`${start}?options=/etc/passwd&options=a`, {}],
    [start, { options: ' \n/etc/passwd' }],
    ['POST /v1/system_deploy/x-1/init', { kube_version: '/bin/sh' }],
    // Not one that is passed on; whoever tries it is told.
    [start, { script: '/bin/sh' }],
  ])('a path on the controller: %s %j', (asked, body) => {
    expect(refusalOf(asked, body)).toBe("a parameter names a path on the region's controller")
  })

  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown
  test.each<[string, JsonObject]>([
    [start, { options: { a: 'b' } }],
    [start, { options: [['a']] }],
    [start, { options: deep }],
    ['POST /v1/system_deploy/x-1/init', { kube_version: deep }],
    ['POST /v1/report_app_dependencies/p-1?app=a%0d%0ab', {}],
    ['POST /v1/report_app_dependencies/p-1?app=a%00', {}],
    [`POST /v1/report_app_dependencies/p-1?app=${'a'.repeat(1_001)}`, {}],
    [start, { options: ['a=b', 'c\u0085'] }],
  ])('what is neither a word nor a list of words (%s, case %#)', (asked, body) => {
    expect(refusalOf(asked, body)).toMatch(/not a word of at most 1000 characters$/)
  })

  test('a list has an end', () => {
    expect(refusalOf(start, { options: Array.from({ length: 101 }, () => 'a=b') })).toMatch(/at most 100$/)
  })

  test('what nobody knows is left out, however deep, or a mistake on the fleet’s door', () => {
    const body = JSON.parse('{"__proto__": {"force": true}, "constructor": {"x": 1}}') as JsonObject
    expect(intentOf(start, { ...body, x: deep })).toMatchObject({ force: false, parameters: {} })
    expect(intentOf(start, body)).toMatchObject({ force: false, parameters: {} })
    for (const name of ['x', '__proto__', 'constructor', 'toString', 'dry_run', 'confirm']) {
      const one = JSON.parse(`{${JSON.stringify(name)}: 1}`) as JsonObject
      expect(refusalOf(start, one, true)).toMatch(
        `parameter "${name}": unknown here; allowed are region_name`,
      )
      expect(refusalOf(`${start}?${name}=1`, {}, true)).toMatch(/unknown here/)
    }
  })
})

describe('region_name', () => {
  test('a precheck carries the region’s own name, whatever the caller called it', () => {
    for (const body of [
      {},
      { region_name: '5d5b' },
      { region_name: 'boston-1' },
      { region_name: 'RegionOne' },
    ]) {
      expect(intentOf(precheck, body).parameters).toEqual({ region_name: 'RegionOne' })
    }
    expect(intentOf(`${precheck}?region_name=5d5b`).parameters).toEqual({ region_name: 'RegionOne' })
    expect(intentOf('POST /v1/deploy/precheck', { releases: ['a-1'] }).parameters).toEqual({
      region_name: 'RegionOne',
    })
  })

  test('no other call carries one', () => {
    expect(intentOf(start, { region_name: 'boston-1' }).parameters).toEqual({})
    expect(intentOf('POST /v1/deploy/abort?region_name=5d5b').parameters).toEqual({})
  })

  test.each<unknown>([
    'other',
    'Boston-1',
    'boston-1 ',
    '',
    '*',
    'boston-1,5d5b',
    null,
    7,
    ['boston-1'],
    {},
    'b\u043eston-1',
  ])('%j is none of its names', (region_name) => {
    expect(refusalOf(precheck, { region_name })).toMatch(/^parameter "region_name": /)
    expect(refusalOf('POST /v1/deploy/abort', { region_name })).toMatch(/^parameter "region_name": /)
  })

  test('all that are given have to be', () => {
    expect(refusalOf(`${precheck}?region_name=5d5b&region_name=other`)).toMatch(/"other" is not/)
    expect(refusalOf(`${precheck}?region_name=5d5b`, { region_name: 'other' })).toMatch(/"other" is not/)
    expect(refusalOf('GET /v1/release?region_name=other')).toMatch(/"other" is not/)
  })
})

test('a read keeps its query but for what is the gateway’s own, encoded anew', () => {
  const { query, parameters } = intentOf(
    'GET /v1/release?show=a%0D%0Ab&region_name=5d5b&service=usm&x=1&x=2&show=é',
  )
  expect(query).toBe('?show=a%0D%0Ab&x=1&x=2&show=%C3%A9')
  expect(parameters).toEqual({})
  expect(intentOf('GET /v1/release?region_name=5d5b').query).toBe('')
  expect(refusalOf('GET /v1/query_dependencies/p-1?x=1', {}, true)).toMatch(/"x": unknown here/)
})
