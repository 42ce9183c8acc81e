import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { build, gateway, group, named, ofChosen, site } from './board.ts'
import { bars, lines, numbers, table } from './panels.ts'

const here = '{instance="$instance"}'
const deployments = `stx_region_deployment_info${here}`

/** What is being deployed, how far it is, and what writes were sent through the gateway. */
export function deploymentsBoard(): Dashboard {
  return build({
    uid: 'stx-deployments',
    title: 'StarlingX deployments',
    description: 'Deployments under way, as far as they are known and fresh.',
    from: 'now-24h',
    variables: [gateway, group, site],
    rows: [
      [
        'Now',
        [
          numbers({
            title: 'Under way',
            description: 'Regions with a deployment.',
            queries: [[`count(${deployments} ${ofChosen}) or vector(0)`, 'under way']],
            colours: [[null, 'blue']],
            width: 4,
          }),
          numbers({
            title: 'Failed',
            description: 'Deployments of which a step failed.',
            queries: [
              [
                `count(stx_region_deployment_info{instance="$instance",state=~".*failed.*"} ${ofChosen}) or vector(0)`,
                'failed',
              ],
            ],
            colours: [
              [null, 'green'],
              [1, 'red'],
            ],
            width: 4,
          }),
          bars({
            title: 'By state',
            description: "The regions' own words for the state.",
            queries: [[`count by (state) (${deployments} ${ofChosen})`, '{{state}}']],
            width: 8,
          }),
          bars({
            title: 'By target',
            description: 'The release that is deployed.',
            queries: [[`count by (to_release) (${deployments} ${ofChosen})`, '{{to_release}}']],
            width: 8,
          }),
          table({
            title: 'Deployments',
            description: 'None: none is known to be under way.',
            queries: [[`${deployments} ${named}`, '']],
            nothing: 'none',
            width: 24,
            height: 12,
          }),
        ],
      ],
      [
        'Over time',
        [
          lines({
            title: 'Deployments by state',
            description: 'A band that does not end is a deployment that waits for its operator.',
            queries: [[`stx:deployments:count${here}`, '{{state}}']],
            stacked: true,
          }),
          lines({
            title: 'Releases by state',
            description: 'Over all chosen regions, releases and patches.',
            queries: [[`sum by (state) (stx_region_releases${here} ${ofChosen})`, '{{state}}']],
          }),
          lines({
            title: 'Hosts to be rebooted',
            description: 'Hosts that must be rebooted to run what is applied.',
            queries: [[`sum(stx_host_requires_reboot${here} ${ofChosen})`, 'to be rebooted']],
          }),
          lines({
            title: 'Writes through the gateway',
            description: 'By call and what became of it; unknown: sent, and its answer was lost.',
            queries: [
              [
                `sum by (call, outcome) (increase(stx_writes_total${here}[$__rate_interval]))`,
                '{{call}} {{outcome}}',
              ],
            ],
          }),
        ],
      ],
    ],
  })
}
