import type { Intent } from '../model/intent.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Readings, Resource } from '../model/reading.ts'
import type { Region } from '../model/region.ts'
import type { Snapshots } from './snapshots.ts'

/** What a region says, after a write whose answer was lost, of that which was written; bounded by `limit` (ms). */
export async function stateNow(
  snapshots: Snapshots,
  region: Region,
  intent: Intent,
  limit: number,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`unknown, it did not answer within ${limit / 1000} s`), limit)
  })
  const asked = intent.call.service === 'usm' ? usmNow(intent, read) : patchingNow(intent, read)
  try {
    return await Promise.race([asked, tooLong])
  } finally {
    clearTimeout(timer)
  }

  async function read<R extends Resource>(resource: R): Promise<Outcome<Readings[R]>> {
    return snapshots.read(region, { resource }, { maxAge: 0, sole: true })
  }
}

type Read = <R extends Resource>(resource: R) => Promise<Outcome<Readings[R]>>

async function usmNow({ ids, host }: Intent, read: Read): Promise<string> {
  const parts: string[] = []
  const deploy = await read('deploy')
  if (deploy.status !== 'fresh') return why(deploy)
  const [deployment] = deploy.reading.items
  parts.push(
    deployment
      ? `deployment ${deployment.from_release ?? '?'} to ${deployment.to_release ?? '?'} is ${deployment.native_state ?? '?'}`
      : 'no deployment is under way',
  )
  if (host !== '') {
    const hosts = await read('deploy_host')
    if (hosts.status === 'fresh') {
      const found = hosts.reading.items.find(({ hostname }) => hostname === host)
      parts.push(found ? `${host} is ${found.native_state ?? 'not begun'}` : `${host} is not part of it`)
    }
  }
  if (ids.length > 0) {
    const releases = await read('release')
    if (releases.status === 'fresh') parts.push(...statesOf(ids, releases.reading.items))
  }
  return parts.join(', ')
}

async function patchingNow({ ids, host }: Intent, read: Read): Promise<string> {
  if (host !== '') {
    const hosts = await read('query_hosts')
    if (hosts.status !== 'fresh') return why(hosts)
    const found = hosts.reading.items.find(({ hostname }) => hostname === host)
    if (found === undefined) return `${host} is not in the table of hosts`
    const current = found.patch_current === null ? 'unknown' : found.patch_current ? 'yes' : 'no'
    return `${host} is ${found.native_state ?? 'unknown'}, patch-current: ${current}`
  }
  const patches = await read('query')
  if (patches.status !== 'fresh') return why(patches)
  const states = statesOf(ids, patches.reading.items)
  return states.length > 0 ? states.join(', ') : `${patches.reading.items.length} patches`
}

function statesOf(
  ids: readonly string[],
  known: readonly { readonly id: string; readonly native_state: string | null }[],
): string[] {
  return ids.map((id) => {
    const found = known.find((one) => one.id === id)
    return found ? `${id} is ${found.native_state ?? 'unknown'}` : `${id} is not there`
  })
}

function why(outcome: Outcome<unknown>): string {
  return 'failure' in outcome ? `unknown, ${outcome.failure.message}` : `unknown, ${outcome.status}`
}
