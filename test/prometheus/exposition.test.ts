import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSimulatedFleet, until, type SimulatedFleet } from '../support/simulated-fleet.ts'

// What a scrape gets is taken by those who wrote the formats.

let fleet: SimulatedFleet
beforeAll(async () => {
  fleet = await startSimulatedFleet(
    { seed: 3, profile: 'noc', fleet: { regions: 40, latency: [0, 2] } },
    { refresh: { interval: '2s' }, baseline: { region_name: 'RegionOne' } },
  )
  await until(async () =>
    [...(await fleet.metrics()).keys()].some((key) => key.startsWith('stx_host_patch_current')),
  )
  await fleet.send('DELETE', '/v1/release/x?region_name=RegionOne')
})
afterAll(() => fleet.close())

async function scraped(accept: string, target = '/metrics'): Promise<string> {
  return (await fetch(fleet.gateway.adminUrl + target, { headers: { accept } })).text()
}

test('promtool finds nothing to say about our own series', async () => {
  const text = await scraped('text/plain')
  const ours = text.split('\n').filter((line) => /^(# (HELP|TYPE) )?stx_/.test(line))
  expect(ours.length).toBeGreaterThan(500)
  const said = execFileSync('promtool', ['check', 'metrics'], {
    input: `${ours.join('\n')}\n`,
    encoding: 'utf8',
  })
  expect(said).toBe('')
})

test.each(['/metrics', '/metrics?group=east'])(
  'the strict parser of OpenMetrics takes %s, and finds the same samples as in the classic form',
  async (target) => {
    const program =
      'import sys\n' +
      'from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse\n' +
      'for family in parse(sys.stdin.read()):\n' +
      '  for sample in family.samples: print(sample.name)\n'
    const openmetrics = await scraped('application/openmetrics-text', target)
    const names = execFileSync('/usr/bin/python3', ['-c', program], { input: openmetrics, encoding: 'utf8' })
    const classic = await scraped('text/plain', target)
    const ours = (all: readonly string[]): ReadonlySet<string> =>
      new Set(all.filter((name) => name.startsWith('stx_')))
    expect(ours(names.split('\n'))).toEqual(
      ours(classic.split('\n').map((line) => /^\w+/.exec(line)?.[0] ?? '')),
    )
  },
)

test('what is sent as gzip is the same text', async () => {
  const target = `${fleet.gateway.adminUrl}/metrics?group=east`
  // It is answered by this process, which must go on meanwhile.
  const get = async (coding: string): Promise<string> =>
    (await promisify(execFile)('curl', ['-s', '--compressed', '-H', `Accept-Encoding: ${coding}`, target]))
      .stdout
  await until(async () => {
    const [plain, packed] = [await get('identity'), await get('gzip')]
    return plain.length > 1_000 && withoutInstants(plain) === withoutInstants(packed)
  })
})

/** Between two scrapes a region may have answered anew. */
function withoutInstants(text: string): string {
  return text.replaceAll(/(observed_timestamp_seconds\{.*\}) .*/g, '$1')
}
