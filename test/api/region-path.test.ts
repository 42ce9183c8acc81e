import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../src/api/problem.ts'
import { matchCall, segmentsOf } from '../../src/api/region-path.ts'
import { regionCalls } from '../../src/model/region-calls.ts'

/** `name name …` of the rows that a request is, or the status that it is refused with. */
function rowsOf(method: string, path: string): string | number {
  try {
    return matchCall(method, segmentsOf(path))
      .map(({ call }) => call.name)
      .join(' ')
  } catch (error) {
    if (error instanceof Problem) return error.status
    throw error
  }
}

const methods = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'HEAD', 'get', 'PROPFIND']
const rows = regionCalls.flatMap((call) => call.paths.map((path) => ({ call, path })))

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')
/** What the allow-list takes; a digit at the end keeps it from being a word of the table. */
const id = fc
  .tuple(fc.constantFrom(...letters), fc.string({ unit: fc.constantFrom(...letters, '.', '_', '-') }))
  .map(([first, rest]) => `${first}${rest}7`)
const filled = (path: string): fc.Arbitrary<{ path: string; ids: string[]; host: string; flags: string[] }> =>
  fc
    .record({
      ids: fc.array(id, { minLength: 1, maxLength: path.includes('{ids}') ? 5 : 1 }),
      host: id,
      flags: fc.constantFrom<string[]>(
        [],
        ['force'],
        ['rollback'],
        ['rollback', 'force'],
        ['force', 'rollback'],
      ),
    })
    .map(({ ids, host, flags }) => ({
      path: path
        .replace(/\{ids?\}/, ids.join('/'))
        .replace('{host}', host)
        .replace('/{flags}', ['', ...flags].join('/')),
      ids: /\{ids?\}/.test(path) ? ids : [],
      host: path.includes('{host}') ? host : '',
      flags: path.includes('{flags}') ? flags : [],
    }))

describe('every row of the table', () => {
  test.each(rows)('$call.service $path is found by its methods, and by no other', ({ call, path }) => {
    fc.assert(
      fc.property(filled(path), fc.constantFrom(...methods), fc.boolean(), (given, method, slash) => {
        const asked = given.path + (slash && given.path !== '/' ? '/' : '')
        const attempt = (): unknown => matchCall(method, segmentsOf(asked), call.service)
        const { ids, host, flags } = given
        if ((call.methods as readonly string[]).includes(method)) {
          expect(attempt()).toEqual([{ call, path: given.path, ids, host, flags }])
        } else if (!rows.some((row) => row.call !== call && row.path === path)) {
          expect(attempt).toThrow(expect.objectContaining({ status: 405 }) as Error)
        }
      }),
      { numRuns: 40 },
    )
  })

  test.each(rows.filter(({ call }) => call.kind === 'write'))(
    '$path: no GET, HEAD or other safe method is a write',
    ({ path }) => {
      const asked = path
        .replace(/\{ids?\}/, 'id-1')
        .replace('{host}', 'controller-0')
        .replace('/{flags}', '')
      for (const method of methods.filter((each) => each !== 'POST' && each !== 'DELETE')) {
        const found = rowsOf(method, asked)
        const isRead = regionCalls.some(({ name, kind }) => name === found && kind === 'read')
        expect([method, found === 405 || isRead]).toEqual([method, true])
      }
    },
  )

  test('a 405 names what is possible', () => {
    expect(() => matchCall('PUT', segmentsOf('/v1/deploy'))).toThrow(
      expect.objectContaining({ status: 405, headers: { allow: 'GET, HEAD, DELETE' } }) as Error,
    )
  })
})

describe('paths that mean something else to someone else are refused', () => {
  test.each([
    '/v1/release/a%2Fb',
    '/v1/release/a%2fb',
    '/v1/release/a%5Cb',
    '/v1/release/a\\b',
    '/v1/release/%2e%2e',
    '/v1/release/..',
    '/v1/release/.',
    '/v1/release/%2E',
    '/v1/release/a;b=c',
    '/v1/release/a%3Bb',
    '/v1/release/a%3Fforce=1',
    '/v1/release/a%23b',
    '/v1/release/a%0D%0AX-Role:%20admin',
    '/v1/release/a%00',
    '/v1/release/a%7F',
    '/v1/release/%C2%85',
    '/v1/release/a%E2%80%AEb',
    '/v1/release/a%252Fb',
    '/v1/release/a%25',
    '/v1/release/%',
    '/v1/release/%zz',
    '/v1/release/%C0%AF',
    '/v1/release/%ED%A0%80',
    '/v1//release/a',
    '//v1/release/a',
    '/v1/release/a//',
    'v1/release/a',
    `/v1/release/${'a'.repeat(16 * 1024)}`,
  ])('%j is malformed', (path) => {
    expect(rowsOf('DELETE', path)).toBe(400)
  })

  test.each([
    '-rf',
    '--all',
    '--os-region',
    '.hidden',
    '_x',
    'a,b',
    'a:b',
    'a b',
    'a%20b',
    'a+b',
    'a@b',
    'a*',
    '*',
    '~',
    'a%22b',
    "a'b",
    'a%60id%60',
    '$(id)',
    '%D0%B0bc',
    'stx%E2%80%9324',
    '%EF%BC%A1',
    'a'.repeat(129),
  ])('%j is no id', (given) => {
    expect(rowsOf('DELETE', `/v1/release/${given}`)).toBe(400)
    expect(rowsOf('POST', `/v1/apply/${given}`)).toBe(400)
    expect(rowsOf('POST', `/v1/deploy/${given}/start`)).toBe(400)
    expect(rowsOf('POST', `/v1/apply/good-1/${given}`)).toBe(400)
  })

  test.each(['-h', '..x', 'a,b', 'a%20b', '%D0%B0', 'fe80::1%25eth0', 'a'.repeat(129), '*', '--all'])(
    '%j is no host',
    (given) => {
      expect(rowsOf('POST', `/v1/deploy_host/${given}`)).toBe(400)
      expect(rowsOf('POST', `/v1/drop_host/${given}`)).toBe(400)
    },
  )

  test.each(['controller-0', 'compute_1', '192.168.204.2', 'fd00::2', 'a.b', 'X'])(
    '%j is a host',
    (given) => {
      expect(rowsOf('POST', `/v1/deploy_host/${given}`)).toBe('deploy_host')
      expect(rowsOf('POST', `/v1/host_install_async/${given}/force`)).toBe('install_host_async')
    },
  )

  test('a hundred ids are enough', () => {
    const ids = (count: number): string => Array.from({ length: count }, (_, i) => `p${i}`).join('/')
    expect(rowsOf('POST', `/v1/apply/${ids(100)}`)).toBe('apply_patch')
    expect(rowsOf('POST', `/v1/apply/${ids(101)}`)).toBe(400)
    expect(rowsOf('DELETE', `/v1/release/${ids(101)}`)).toBe(400)
  })
})

describe('a word of the table is neither an id nor a host', () => {
  test.each([
    ['POST', '/v1/deploy_host/force'],
    ['POST', '/v1/deploy_host/rollback'],
    ['POST', '/v1/deploy_host/rollback/force'],
    ['POST', '/v1/deploy_host/next'],
    ['POST', '/v1/deploy_host/deploy'],
    ['POST', '/v1/host_install_async/force'],
    ['POST', '/v1/drop_host/force'],
    ['POST', '/v1/deploy/force/start'],
    ['POST', '/v1/deploy/abort/start'],
    ['POST', '/v1/deploy/precheck/start'],
    ['DELETE', '/v1/release/x/is_deployed'],
    ['DELETE', '/v1/release/commit'],
    ['POST', '/v1/release/x/commit/commit'],
    ['POST', '/v1/apply/upload'],
    ['POST', '/v1/apply/x/remove/y'],
    ['POST', '/v1/apply/x/force'],
    ['POST', '/v1/system_deploy/init/init'],
  ])('%s %s', (method, path) => {
    expect([404, 405]).toContain(rowsOf(method, path))
  })

  test.each([
    ['/v1/deploy_host/controller-0/force/force', 404],
    ['/v1/deploy_host/controller-0/rollback/rollback', 404],
    ['/v1/deploy_host/controller-0/Force', 404],
    ['/v1/deploy_host/controller-0/force/x', 404],
    ['/v1/deploy_host/controller-0/force/rollback', 'deploy_host'],
  ])('flags of POST %s: %s', (path, expected) => {
    expect(rowsOf('POST', path)).toBe(expected)
  })

  test('what no table has', () => {
    for (const path of [
      '/v1/software/deploy_start/x',
      '/v1/upload_dir2',
      '/v2/release',
      '/v1/V1',
      '/admin',
    ]) {
      expect(rowsOf('POST', path)).toBe(404)
    }
    for (const path of ['/v1/apply', '/v1/remove/', '/v1/deploy_host', '/v1/deploy_host/']) {
      expect([404, 405]).toContain(rowsOf('POST', path))
    }
  })
})
