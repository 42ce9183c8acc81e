import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { build, chosen, gateway, group, named, ofChosen, site } from './board.ts'
import { bars, lines, mostlyGood, numbers, table, tiles, youngIsGood } from './panels.ts'

const here = '{instance="$instance"}'
const current = `stx_region_patch_current${here}`

/** The whole fleet at a glance, over months. */
export function fleetBoard(): Dashboard {
  return build({
    uid: 'stx-fleet',
    title: 'StarlingX fleet',
    description: 'Is the fleet patch-current? What is unknown is never counted as current.',
    from: 'now-7d',
    variables: [gateway, group, site],
    rows: [
      [
        'Now',
        [
          numbers({
            title: 'Patch-current',
            description: 'The share of ALL chosen regions that are known to be patch-current.',
            queries: [
              [`(count(${current} == 1 ${ofChosen}) or vector(0)) / count(${chosen})`, 'patch-current'],
            ],
            unit: 'percentunit',
            colours: mostlyGood,
            width: 4,
            height: 6,
          }),
          numbers({
            title: 'Regions',
            description: 'Each region is in one of the three.',
            queries: [
              [`count(${current} == 1 ${ofChosen}) or vector(0)`, 'current'],
              [`count(${current} == 0 ${ofChosen}) or vector(0)`, 'not current'],
              [`count(${chosen} unless on (job, instance, region_name) ${current}) or vector(0)`, 'unknown'],
            ],
            colours: [[null, 'text']],
            width: 8,
            height: 6,
          }),
          numbers({
            title: 'At the baseline',
            description:
              'The share of the chosen regions that are known not to be behind the baseline. No data: no baseline is configured.',
            queries: [
              [`count(stx_region_at_baseline${here} == 1 ${ofChosen}) / count(${chosen})`, 'at the baseline'],
            ],
            unit: 'percentunit',
            colours: mostlyGood,
            width: 4,
            height: 6,
          }),
          numbers({
            title: 'Oldest data',
            description: 'How old the oldest part of what is known of the chosen regions is.',
            queries: [[`max(time() - stx_region_observed_timestamp_seconds${here} ${ofChosen})`, 'oldest']],
            unit: 's',
            colours: youngIsGood,
            width: 4,
            height: 6,
          }),
          numbers({
            title: 'Dark regions',
            description: 'Regions whose last attempt got no usable answer.',
            queries: [[`count(stx_region_up${here} == 0 ${ofChosen}) or vector(0)`, 'dark']],
            colours: [
              [null, 'green'],
              [1, 'orange'],
            ],
            width: 4,
            height: 6,
          }),
        ],
      ],
      [
        'Over time',
        [
          lines({
            title: 'Regions by state',
            description: 'They add up to all regions. A gap is time in which nothing was known of the fleet.',
            queries: [
              [`stx:regions_patch_current:count${here}`, 'current'],
              [`stx:regions_not_patch_current:count${here}`, 'not current'],
              [`stx:regions_unknown:count${here}`, 'unknown'],
            ],
            stacked: true,
          }),
          lines({
            title: 'Patch-current by release',
            description: 'The share of the regions that run a release that are known to be patch-current.',
            queries: [[`stx:regions_patch_current_by_version:ratio${here}`, '{{sw_version}}']],
            unit: 'percentunit',
          }),
          lines({
            title: 'Regions by release',
            description: 'What regions were last known to run.',
            queries: [[`stx:regions_by_version:count${here}`, '{{sw_version}}']],
            stacked: true,
          }),
          lines({
            title: 'Hosts by state',
            description:
              'Hosts that Patching tells of, and those of deployments under way; unknown: not heard of lately.',
            queries: [[`stx:hosts:count${here}`, '{{state}}']],
            stacked: true,
          }),
        ],
      ],
      [
        'Where',
        [
          bars({
            title: 'Patch-current by site',
            description: 'The share of the regions of a site that are known to be patch-current.',
            queries: [
              [
                `stx:regions_patch_current_by_site:ratio{instance="$instance",label_group=~"$group",label_site=~"$site"}`,
                '{{label_group}} {{label_site}}',
              ],
            ],
            unit: 'percentunit',
            colours: mostlyGood,
          }),
          tiles({
            title: 'Map of states',
            description: 'One tile per chosen region: green current, red not current, grey unknown.',
            queries: [
              [
                `max by (job, instance, region_name) (${current} or on (job, instance, region_name) (0 * ${chosen} - 1)) ${named}`,
                '{{subcloud_name}}',
              ],
            ],
            height: 12,
          }),
          table({
            title: 'Oldest data',
            description: 'The regions of which the oldest is known.',
            queries: [[`topk(20, stx:region_oldest_data:age_seconds${here} ${named})`, '']],
            unit: 's',
            colours: youngIsGood,
            height: 12,
          }),
          table({
            title: 'Hosts that are not current',
            description:
              'Of the chosen regions, as far as they are known. None: no host is known not to be current.',
            queries: [[`stx_host_patch_current${here} == 0 ${ofChosen}`, '']],
            nothing: 'none',
            height: 12,
          }),
        ],
      ],
    ],
  })
}
