import { demoBaseline } from './gatewayConfig.ts'
import type { DemoRegion } from './gatewayConfig.ts'

export interface WelcomeFacts {
  readonly api: string
  readonly admin: string
  readonly control: string
  readonly folder: string
  readonly token: string
  readonly regions: readonly DemoRegion[]
  /** Found at the system controller. */
  readonly discovered: boolean
  /** Where a Prometheus scrapes it, if one does. */
  readonly prometheus: string | undefined
  /** How many of them are unwell on purpose. */
  readonly unwell: number
  /** One with a deployment under way, where there is one. */
  readonly deploying: DemoRegion | undefined
}

/** What the demo prints when it is up; each command can be pasted as it stands. */
export function welcome(facts: WelcomeFacts): string {
  const { api, admin, control, regions, token } = facts
  const one = facts.deploying ?? regions[0]
  const curl = 'curl -s -H "Authorization: Bearer $TOKEN"'
  return `
StarlingX Fleet Gateway: ${regions.length} simulated regions, ${facts.unwell} of them unwell on purpose.

  gateway    ${api}
  metrics    ${admin}/metrics
${facts.prometheus === undefined ? '' : `  prometheus ${facts.prometheus}/graph?g0.expr=${encodeURIComponent('stx:regions_patch_current:ratio')}&g0.tab=0&g0.range_input=15m, /alerts\n`}  simulator  ${control}/regions, /truth, /requests
  files      ${facts.folder} (configuration and logs; removed at the end)

Paste this first:

  export TOKEN=${token}

The first screen of a NOC, and what changes while you watch:
  ${curl} '${api}/fleet/v1/summary' | head -c 1500
  ${curl} -N '${api}/fleet/v1/events'

Which regions are behind ${demoBaseline}, the demo's baseline?
  ${curl} '${api}/fleet/v1/drift?status=behind&fields=subcloud_name,sw_version' | head -c 1500

What is being deployed in the whole fleet?
  ${curl} '${api}/v1/release?show=deploying' | head -c 1500

Hosts of a group, and how complete the answer is (Fleet-* headers):
  ${curl} -i '${api}/v1/query_hosts?group=east' | head -c 1500

One region:
  ${curl} '${api}/v1/deploy?region_name=${one?.subcloud_name ?? 'RegionOne'}'

Everything else it can be asked: ${api}/docs

Metrics:
  curl -s ${admin}/metrics | grep '^stx_fleet_regions'

Break a region, and mend it:
  curl -s ${control}/regions/${one?.subcloud_name ?? 'RegionOne'}/fault -d '{"kind":"html"}'
  curl -si -H "Authorization: Bearer $TOKEN" '${api}/v1/deploy?region_name=${one?.subcloud_name ?? 'RegionOne'}&max_age=5s' | grep -i fleet
  curl -s ${control}/regions/${one?.subcloud_name ?? 'RegionOne'}/fault -d '{"clear":true}'
${facts.discovered ? discoveryCommands(control, regions) : ''}
Another token: npm run -s demo:token -- --roles reader --regions 'boston-*' --ttl 1h
Ctrl-C stops everything.
`
}

/** What happens in a distributed cloud while a gateway runs. */
function discoveryCommands(control: string, regions: readonly DemoRegion[]): string {
  const [, one] = regions
  const subcloud = `${control}/subclouds/${one?.subcloud_name ?? 'RegionOne'}`
  return `
A subcloud comes, moves to another address, goes (the gateway looks every 10 s):
  curl -s ${control}/subclouds -d '{"name":"quebec-1","labels":{"group":"north"}}'
  curl -s ${subcloud} -d '{"move":true}'
  curl -s -X DELETE ${subcloud}

A new root certificate, and all tokens revoked:
  curl -s ${control}/ca -d '{}'
  curl -s ${control}/keystone -d '{"revoke":true}'
`
}
