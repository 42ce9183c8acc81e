import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { build, choice, gateway } from './board.ts'
import { lines, numbers, table, tiles, youngIsGood } from './panels.ts'

const one = '{instance="$instance",region_name="$region"}'
const info = `stx_region_info{instance="$instance",subcloud_name="$subcloud"}`
const yesNo = [
  [null, 'red'],
  [1, 'green'],
] as const

/** All about one region. */
export function regionBoard(): Dashboard {
  return build({
    uid: 'stx-region',
    title: 'StarlingX region',
    description: 'What is known of one region, how old it is, and what keeps it from being younger.',
    from: 'now-24h',
    variables: [
      gateway,
      choice('subcloud', 'Subcloud', 'label_values(stx_region_info{instance="$instance"}, subcloud_name)'),
      choice('region', 'Region', `label_values(${info}, region_name)`),
    ],
    rows: [
      [
        'Now',
        [
          numbers({
            title: 'Patch-current',
            description: 'Every host runs what the region has deployed or applied. Unknown is not current.',
            queries: [[`stx_region_patch_current${one}`, 'patch-current']],
            unit: 'bool_yes_no',
            colours: yesNo,
            width: 4,
            height: 6,
          }),
          numbers({
            title: 'At the baseline',
            description: 'Not behind the baseline. No data: unknown, or no baseline.',
            queries: [[`stx_region_at_baseline${one}`, 'at the baseline']],
            unit: 'bool_yes_no',
            colours: yesNo,
            width: 4,
            height: 6,
          }),
          numbers({
            title: 'Answers',
            description: 'The last attempt got a usable answer.',
            queries: [[`stx_region_up${one}`, 'up']],
            unit: 'bool_yes_no',
            colours: yesNo,
            width: 4,
            height: 6,
          }),
          numbers({
            title: 'Age of the data',
            description: 'Of each thing that is asked of the region, since its last good answer.',
            queries: [[`time() - stx_region_observed_timestamp_seconds${one}`, '{{resource}}']],
            unit: 's',
            colours: youngIsGood,
            width: 12,
            height: 6,
          }),
        ],
      ],
      [
        'What it is',
        [
          table({
            title: 'Identity',
            description: 'What it is called, what it runs, what it speaks.',
            queries: [[`stx_region_info${one}`, '']],
            width: 24,
            height: 5,
          }),
          table({
            title: 'Releases and patches',
            description: 'While that is fresh.',
            queries: [[`stx_region_release_info${one}`, '']],
            height: 10,
          }),
          table({
            title: 'Why it is not fresh',
            description: 'Kinds as in docs/failures.md. None: everything is fresh.',
            queries: [[`stx_region_failure_info${one}`, '']],
            nothing: 'none',
            height: 10,
          }),
          tiles({
            title: 'Hosts',
            description: 'Hosts that are known and fresh: green current, red not.',
            queries: [[`stx_host_patch_current${one}`, '{{hostname}}']],
          }),
          table({
            title: 'Deployment',
            description: 'None: none is under way, or that is not known.',
            queries: [[`stx_region_deployment_info${one}`, '']],
            nothing: 'none',
          }),
        ],
      ],
      [
        'Over time',
        [
          lines({
            title: 'State',
            description: '1: yes. A gap is time in which it was not known.',
            queries: [
              [`stx_region_patch_current${one}`, 'patch-current'],
              [`stx_region_at_baseline${one}`, 'at the baseline'],
              [`stx_region_up${one}`, 'answers'],
              [`stx_region_backoff${one}`, 'left alone'],
            ],
          }),
          lines({
            title: 'Hosts',
            description: 'By what is known of them.',
            queries: [[`stx_region_hosts${one}`, '{{state}}']],
            stacked: true,
          }),
          lines({
            title: 'Age of the data',
            description: 'It should go up and down within twice the interval of the refresh.',
            queries: [[`time() - stx_region_observed_timestamp_seconds${one}`, '{{resource}}']],
            unit: 's',
          }),
          lines({
            title: 'Days until something ends',
            description: "The region's certificate, and the gateway's password there.",
            queries: [
              [`(stx_tls_not_after_timestamp_seconds${one} - time()) / 86400`, 'certificate'],
              [`(stx_keystone_password_expiry_timestamp_seconds${one} - time()) / 86400`, 'password'],
            ],
            unit: 'd',
          }),
        ],
      ],
    ],
  })
}
