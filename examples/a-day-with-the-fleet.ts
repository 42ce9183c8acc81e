// A day with the fleet: what is so this morning, which hosts are behind, why a region is missing, a deployment followed
// while it happens, and the proof that nothing drifted. docs/guides/a-day-with-the-fleet.md explains each part.
//
//   GATEWAY=http://127.0.0.1:8080 TOKEN=… npm exec -- node examples/a-day-with-the-fleet.ts [region to follow]

import { createFleetClient } from '../src/client/fleet-client.ts'

const { GATEWAY = 'http://127.0.0.1:8080', TOKEN = '' } = process.env
const followed = process.argv[2]
const fleet = createFleetClient({ url: GATEWAY, token: TOKEN })
const say = (line: string): void => void process.stdout.write(`${line}\n`)

say('# Morning')
const { item: morning, meta } = await fleet.get('summary', {})
const { regions, hosts } = morning.patch_current
say(`regions: ${meta.regions.total}, of which ${meta.regions.fresh} fresh`)
say(`regions current: ${regions.true} yes, ${regions.false} no, ${regions.unknown} unknown`)
say(`hosts current: ${hosts.true} yes, ${hosts.false} no, ${hosts.unknown} unknown`)

say('# Hosts that are not current')
for await (const host of fleet.all('hosts', { patch_current: false, sort: ['region_name', 'hostname'] })) {
  say(`${host.subcloud_name} ${host.hostname}: ${host.sw_version}, ${host.native_state ?? host.state}`)
}

say('# Why regions are missing')
for await (const problem of fleet.all('problems', {})) {
  say(
    `${problem.kind}, ${problem.regions} region(s), ${problem.subcloud_names.join(', ')}: ${problem.reason}`,
  )
}

if (followed !== undefined) {
  say(`# ${followed}, followed`)
  const types = 'deployment_state,region_patch_current'
  for await (const { type, data } of fleet.events({ region_name: followed, type: types })) {
    if (type === 'bookmark') {
      say('following')
      continue
    }
    say(`${type}: ${String(data['from'])} → ${String(data['to'])}`)
    // The deployment is deleted once it is complete: there is none any more.
    if (type === 'deployment_state' && data['to'] === null) break
  }
}

say('# Drift')
for await (const region of fleet.all('drift', { status: ['behind', 'ahead', 'differs', 'unknown'] })) {
  say(`${region.subcloud_name}: ${region.status}${region.reason === null ? '' : `, ${region.reason}`}`)
}
const { counts } = await fleet.get('drift', { page_size: 1 })
say(`in sync: ${counts['in_sync']}`)
