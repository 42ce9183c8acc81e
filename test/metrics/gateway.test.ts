import { expect, test } from 'vitest'
import { createGatewayMetrics } from '../../src/metrics/gateway.ts'

const healthy = { reloaded: () => true, sources: () => [] }
const held = { entries: 3, bytes: 4_096 }

function linesOf(text: string, ...names: readonly string[]): readonly string[] {
  return text.split('\n').filter((line) => names.some((name) => line.includes(name)))
}

test('what regions were asked is counted by dialect and outcome', async () => {
  const metrics = createGatewayMetrics('1.2.3', healthy)
  metrics.asked('usm-stx10', { status: 'answered' }, 0.2)
  metrics.asked('usm-stx10', { status: 'answered', succeeded: false }, 0.2)
  metrics.asked(undefined, { status: 'failed', kind: 'timeout' }, 4)
  metrics.asked('patching-ostree', { status: 'unsupported' }, 0)
  expect(linesOf(await metrics.text('text', held), 'stx_upstream_requests_total', '_seconds_count')).toEqual([
    '# HELP stx_upstream_requests_total What regions were asked, by the dialect spoken and how it ended: answered, unsupported or refused (nothing was sent), or a kind of failure.',
    '# TYPE stx_upstream_requests_total counter',
    'stx_upstream_requests_total{dialect="usm-stx10",outcome="answered"} 1',
    'stx_upstream_requests_total{dialect="usm-stx10",outcome="rejected"} 1',
    'stx_upstream_requests_total{dialect="unknown",outcome="timeout"} 1',
    'stx_upstream_requests_total{dialect="patching-ostree",outcome="unsupported"} 1',
    'stx_upstream_request_seconds_count 3',
  ])
})

test('a write is counted at each of its regions, and as refused where it came to none', async () => {
  const metrics = createGatewayMetrics('1.2.3', healthy)
  metrics.written('upload', [{ outcome: 'done' }, { outcome: 'unknown' }])
  metrics.written(null, [])
  expect(linesOf(await metrics.text('text', held), 'stx_writes_total{')).toEqual([
    'stx_writes_total{call="upload",outcome="done"} 1',
    'stx_writes_total{call="upload",outcome="unknown"} 1',
    'stx_writes_total{call="none",outcome="refused"} 1',
  ])
})

test('the health of the gateway is asked at each scrape, and a source that is gone is told no more', async () => {
  let reloaded = true
  let sources = [
    { source: 'dcmanager a', foundAt: 5_000, failure: undefined },
    { source: 'dcmanager b', foundAt: undefined, failure: 'refused' },
  ]
  const metrics = createGatewayMetrics('1.2.3', { reloaded: () => reloaded, sources: () => sources })
  const told = async (): Promise<readonly string[]> =>
    linesOf(await metrics.text('text', held), 'stx_config', 'stx_discovery', 'stx_cache').filter(
      (line) => !line.startsWith('#'),
    )
  expect(await told()).toEqual([
    'stx_config_last_reload_successful 1',
    'stx_cache_entries 3',
    'stx_cache_bytes 4096',
    'stx_discovery_up{source="dcmanager a"} 1',
    'stx_discovery_up{source="dcmanager b"} 0',
    'stx_discovery_last_success_timestamp_seconds{source="dcmanager a"} 5',
  ])
  reloaded = false
  sources = sources.slice(0, 1)
  expect((await told())[0]).toBe('stx_config_last_reload_successful 0')
  expect(await told()).not.toContain('stx_discovery_up{source="dcmanager b"} 0')
})

test('both forms are served side by side, each with its own names of families', async () => {
  const metrics = createGatewayMetrics('1.2.3', healthy)
  metrics.answered('/v1/release', 'GET', 200, 0.01)
  const openmetrics = await metrics.text('openmetrics', held)
  const text = await metrics.text('text', held)
  expect(linesOf(text, 'TYPE stx_gateway', 'TYPE stx_build', 'TYPE process_cpu_seconds')).toEqual([
    '# TYPE stx_gateway_requests_total counter',
    '# TYPE stx_gateway_request_seconds histogram',
    '# TYPE stx_build_info gauge',
    '# TYPE process_cpu_seconds_total counter',
  ])
  expect(
    linesOf(openmetrics, 'TYPE stx_gateway', 'TYPE stx_build', 'TYPE process_cpu_seconds', 'UNIT stx_cache'),
  ).toEqual([
    '# TYPE stx_gateway_requests counter',
    '# TYPE stx_gateway_request_seconds histogram',
    '# UNIT stx_cache_bytes bytes',
    '# TYPE stx_build info',
    '# TYPE process_cpu_seconds counter',
  ])
  for (const each of [text, openmetrics]) {
    expect(each).toContain('\nstx_gateway_requests_total{route="/v1/release",method="GET",status="200"} 1\n')
    expect(each).toContain(`\nstx_build_info{version="1.2.3",node_version="${process.version}"} 1\n`)
    expect(each).toContain('le="+Inf"')
  }
})
