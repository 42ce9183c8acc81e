// Which hosts are not patch-current, and of which regions is it not known?
//
//   GATEWAY=http://127.0.0.1:8080 TOKEN=… npm exec -- node examples/hosts-not-current.ts [group]

interface Host {
  readonly region_name: string
  readonly subcloud_name: string
  readonly hostname: string
  readonly patch_current: boolean | null
}

const { GATEWAY = 'http://127.0.0.1:8080', TOKEN = '' } = process.env
const group = process.argv[2]

const url = new URL('/v1/query_hosts?with=subcloud_name', GATEWAY)
if (group !== undefined) url.searchParams.set('group', group)
const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })
const body = (await answer.json()) as { data: Host[]; error?: string }
if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${body.error}`)

for (const { subcloud_name, hostname, patch_current } of body.data) {
  if (patch_current !== true) process.stdout.write(`${subcloud_name} ${hostname}\n`)
}
// An answer without this line would be a half-truth.
process.stdout.write(`regions: ${answer.headers.get('fleet-regions')}\n`)
