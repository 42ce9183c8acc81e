import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { build, gateway } from './board.ts'
import { lines, mostlyGood, numbers, table } from './panels.ts'

const here = '{instance="$instance"}'

/** Whether the gateway itself is well, and what it asks of the regions. */
export function healthBoard(): Dashboard {
  return build({
    uid: 'stx-gateway',
    title: 'StarlingX fleet gateway',
    description: 'The health of the gateway: without it nothing is known of the fleet.',
    from: 'now-6h',
    variables: [gateway],
    rows: [
      [
        'Freshness',
        [
          numbers({
            title: 'Fresh',
            description: 'The share of what can be asked that is fresh; the objective is 99 %.',
            queries: [[`stx_fleet_freshness_ratio${here}`, '{{resource}}']],
            unit: 'percentunit',
            colours: mostlyGood,
          }),
          lines({
            title: 'Freshness',
            description: 'Per thing that is asked of regions.',
            queries: [[`stx_fleet_freshness_ratio${here}`, '{{resource}}']],
            unit: 'percentunit',
          }),
          lines({
            title: 'Regions by what is held',
            description: 'Of releases (USM) and hosts (Patching).',
            queries: [
              [
                `stx_fleet_regions{instance="$instance",resource=~"release|query_hosts"}`,
                '{{resource}} {{status}}',
              ],
            ],
          }),
          lines({
            title: 'Why regions are not fresh',
            description: 'Regions by kind of failure (docs/failures.md).',
            queries: [
              [`count by (kind) (count by (region_name, kind) (stx_region_failure_info${here}))`, '{{kind}}'],
            ],
            stacked: true,
          }),
        ],
      ],
      [
        'Towards the regions',
        [
          lines({
            title: 'Asks a second',
            description: 'By how they ended.',
            queries: [
              [
                `sum by (outcome) (rate(stx_upstream_requests_total${here}[$__rate_interval]))`,
                '{{outcome}}',
              ],
            ],
            unit: 'reqps',
          }),
          lines({
            title: 'How long regions take',
            description: 'Over the whole fleet.',
            queries: [0.5, 0.9, 0.99].map((share) => [
              `histogram_quantile(${share}, sum by (le) (rate(stx_upstream_request_seconds_bucket${here}[$__rate_interval])))`,
              `${share * 100} %`,
            ]),
            unit: 's',
          }),
          lines({
            title: 'Regions left alone',
            description: 'Those that failed, and are asked again when their back-off ends.',
            queries: [[`sum(stx_region_backoff${here})`, 'left alone']],
          }),
          table({
            title: 'Sources of regions',
            description:
              'Whether the last attempt gave a list. None: regions are listed in the configuration only.',
            queries: [[`stx_discovery_up${here}`, '']],
            nothing: 'none',
          }),
        ],
      ],
      [
        'Towards callers',
        [
          lines({
            title: 'Answers a second',
            description: 'By route and status.',
            queries: [
              [
                `sum by (route, status) (rate(stx_gateway_requests_total${here}[$__rate_interval]))`,
                '{{route}} {{status}}',
              ],
            ],
            unit: 'reqps',
          }),
          lines({
            title: 'How long callers wait',
            description: '99 of 100 wait no longer, until the answer begins.',
            queries: [
              [
                `histogram_quantile(0.99, sum by (le, route) (rate(stx_gateway_request_seconds_bucket${here}[$__rate_interval])))`,
                '{{route}}',
              ],
            ],
            unit: 's',
          }),
        ],
      ],
      [
        'The process',
        [
          lines({
            title: 'CPU',
            description: 'Cores used; one is all that its main thread can use.',
            queries: [[`rate(process_cpu_seconds_total${here}[$__rate_interval])`, 'CPU']],
          }),
          lines({
            title: 'Memory',
            description: 'Resident, and what is held of the regions.',
            queries: [
              [`process_resident_memory_bytes${here}`, 'resident'],
              [`stx_cache_bytes${here}`, 'held of regions'],
            ],
            unit: 'bytes',
          }),
          lines({
            title: 'Held up',
            description: 'How long one in a hundred turns of the event loop takes.',
            queries: [[`nodejs_eventloop_lag_p99_seconds${here}`, 'p99']],
            unit: 's',
          }),
          table({
            title: 'Version and configuration',
            description: 'The configuration column is 0 while the file has mistakes.',
            queries: [
              [`stx_build_info${here}`, ''],
              [`stx_config_last_reload_successful${here}`, ''],
            ],
          }),
          lines({
            title: 'Scrapes',
            description: 'Samples of a scrape, and how long it took.',
            queries: [
              [`scrape_samples_scraped${here}`, 'samples'],
              [`scrape_duration_seconds${here}`, 'seconds'],
            ],
          }),
        ],
      ],
    ],
  })
}
