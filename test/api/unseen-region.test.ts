import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyCall } from '../support/every-call.ts'
import { exchange } from '../support/fleet-socket.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'

// A region that a caller may not see, and one that does not exist: every byte that comes back is compared.

let gateway: Served
beforeAll(async () => {
  gateway = await serveRegions({
    regions: {
      'seen-1': { subcloud_name: 'boston', labels: { group: 'east', site: 'b' } },
      'hide-1': {
        subcloud_name: 'denver',
        keystone_region: 'Region7',
        labels: { group: 'west', vault: 'x' },
        listen: { host: '127.0.0.1', port: 0 },
        sw_patch_listen: { port: 0 },
      },
    },
    config: { limits: { requests_per_second: 0, concurrent: 0 } },
  })
  await until(() =>
    ['/v1/query_hosts', '/v1/deploy_host'].every((path) => asked().some((it) => it.startsWith(path))),
  )
})
afterAll(() => gateway.close())

const asked = (): string[] => gateway.region('hide-1').requests.map(({ path }) => path)

/** What exists and may not be seen, and what does not exist and is as long. */
const pairs = [
  ['hide-1', 'none-1'],
  ['denver', 'nobody'],
  ['Region7', 'Region8'],
] as const

/** The whole answer; the request id is ours, and the time of day is left out. */
async function answerTo(
  token: string,
  method: string,
  target: string,
  body?: string,
  at = gateway.url,
): Promise<string> {
  const length =
    body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: gateway',
    `X-Auth-Token: ${token}`,
    'X-Request-Id: same',
    ...length,
    'Connection: close',
  ]
  const answer = await exchange(at, `${head.join('\r\n')}\r\n\r\n${body ?? ''}`)
  return answer.toString('latin1').replace(/^Date: .*\r\n/im, '')
}

interface Asked {
  readonly method: string
  readonly target: string
  readonly body?: string
}

/** Everything that names a region, through every door. */
function namings(name: string, label: string): readonly Asked[] {
  const json = JSON.stringify({ region_name: name })
  return [
    ...everyCall.flatMap(({ method, path, service }): Asked[] => [
      { method, target: `/regions/${name}${path}` },
      { method, target: `/regions/${name}/${service}${path}` },
      { method, target: `${path}?region_name=${name}` },
      { method, target: `${path}?service=${service}&region_name=${name}` },
      ...(method === 'GET' ? [] : [{ method, target: path, body: json }]),
      ...(method === 'GET' ? [] : [{ method, target: `/regions/boston${path}`, body: json }]),
      ...(method === 'GET' ? [] : [{ method, target: `${path}?region_name=boston`, body: json }]),
    ]),
    ...['HEAD', 'PUT', 'PATCH', 'OPTIONS'].flatMap((method): Asked[] => [
      { method, target: `/regions/${name}/v1/release` },
      { method, target: `/regions/${name}/v1/deploy/abort` },
      { method, target: `/v1/release?region_name=${name}` },
    ]),
    ...[
      `region_name=boston,${name}`,
      `region_name=${name}&region_name=boston`,
      `region_name=${name}*`,
      `region_name=*${name.slice(1)}`,
      `require=${name}`,
      `region_name=boston&require=${name}`,
      `region_name=${name}&max_age=0&deadline=1s`,
      `region_name=${name}&min_completeness=1`,
      `region_name=${name}&partial=deny`,
      `region_name=${name}&group=east`,
      `region_name=${name}&nonsense=1`,
      `group=${label}`,
      `selector=group=${label}`,
      `selector=group!=${label}`,
      `region_name=${name}&with=subcloud_name`,
    ].map((query): Asked => ({ method: 'GET', target: `/v1/release?${query}` })),
    ...['regions', 'hosts', 'events'].flatMap((list) => [
      { method: 'GET', target: `/fleet/v1/${list}?region_name=${name}` },
      { method: 'GET', target: `/fleet/v1/${list}?region_name=boston,${name}` },
      { method: 'HEAD', target: `/fleet/v1/${list}?region_name=${name}` },
    ]),
    { method: 'GET', target: `/fleet/v1/regions?require=${name}` },
    { method: 'GET', target: `/fleet/v1/regions/${name}` },
    { method: 'POST', target: `/fleet/v1/regions/${name}` },
    { method: 'GET', target: `/regions/${name}` },
    { method: 'GET', target: `/regions/${name}/` },
    { method: 'GET', target: `/regions/${name}/v1` },
    { method: 'GET', target: `/regions/${name}/nothing` },
    { method: 'POST', target: `/regions/${name}/v1/release/..%2fx` },
  ]
}

test.each(['nobody', 'reader', 'operator', 'configurator', 'admin'])(
  'are the same to a %s, whatever is asked, and neither is asked for',
  async (role) => {
    const token = await gateway.token({ roles: [role], regions: ['seen-1'] })
    const before = asked().length
    for (const [hidden, missing] of pairs) {
      const [there, not] = [namings(hidden, 'west'), namings(missing, 'weft')]
      for (const [i, { method, target, body }] of there.entries()) {
        const other = not[i]
        if (other === undefined) throw new Error('a naming without its twin')
        const answers = await Promise.all([
          answerTo(token, method, target, body),
          answerTo(token, other.method, other.target, other.body),
        ])
        const [seen, missed] = answers.map((text) =>
          text.replaceAll(hidden, 'NAME').replaceAll(missing, 'NAME'),
        )
        expect([`${method} ${target} ${body ?? ''}`, seen]).toEqual([
          `${method} ${target} ${body ?? ''}`,
          missed,
        ])
        expect(seen).toMatch(/^HTTP\/1\.1 [2-5]\d\d /)
      }
    }
    expect(asked().length).toBe(before)
  },
  120_000,
)

test('a label that only unseen regions have is one that none has', async () => {
  const token = await gateway.token({ roles: ['reader'], regions: ['seen-1'] })
  const of = async (label: string): Promise<string> =>
    (await answerTo(token, 'GET', `/v1/release?with=${label}`)).replaceAll(label, 'LABEL')
  expect(await of('vault')).toBe(await of('vaulx'))
  expect(await of('vault')).toMatch(/^HTTP\/1\.1 400 /)
})

test("at a region's own listeners: one that may not be seen is one that has left the fleet", async () => {
  const roles = ['reader', 'configurator']
  const everywhere = async (): Promise<string[]> => {
    const answers: string[] = []
    for (const role of roles) {
      const token = await gateway.token({ roles: [role], regions: ['seen-1'] })
      for (const { method, path, service } of everyCall) {
        const own = gateway.urlOf('hide-1', 'listen')
        answers.push(await answerTo(token, method, path, undefined, own))
        answers.push(await answerTo(token, method, `/${service}${path}`, undefined, own))
        const patch = path.replace('/v1', '/patch')
        answers.push(await answerTo(token, method, patch, undefined, gateway.urlOf('hide-1', 'swPatch')))
      }
    }
    return answers
  }
  const before = asked().length
  const unseen = await everywhere()
  expect(asked().length).toBe(before)
  await gateway.dismiss('hide-1')
  expect(await everywhere()).toEqual(unseen)
  expect(unseen.some((text) => text.startsWith('HTTP/1.1 404 '))).toBe(true)
})
