import type { Host } from '../model/facts.ts'

/** A region's hosts as believed now: one poll's verdict, tempered by those before it. */
export interface HostHistory {
  /** Takes a poll's hosts. `observedAt` in ms since the epoch. */
  observe(regionName: string, hosts: readonly Host[], observedAt: number): void
  /** The hosts of the last poll, and those that vanished less than a day ago, whose state is unknown. */
  hosts(regionName: string): readonly Host[]
  forget(regionName: string): void
}

interface Known {
  readonly host: Host
  readonly seenAt: number
  /** It was not current, and no two polls have agreed since that it is. */
  readonly doubted: boolean
  /** Since when polls have agreed that a host once not current is current. */
  readonly agreeingSince: number | undefined
}

/** A region may show a host as current in the instant after an apply: two polls this far apart (ms) must agree. */
const agreement = 5_000
/** A dead host disappears from the region's list after an hour; it is remembered as unknown for so long (ms). */
const remembered = 24 * 3_600_000
/** Of vanished hosts per region: no real region loses more, and a strange one must not fill our memory. */
const mostVanished = 1_000

/** What a region calls each host that has not told its name yet. */
const nameless = 'n/a'

export function createHostHistory(): HostHistory {
  const regions = new Map<string, ReadonlyMap<string, Known>>()

  return {
    observe(regionName, hosts, observedAt) {
      const before = regions.get(regionName) ?? new Map<string, Known>()
      const now = new Map<string, Known>()
      for (const host of worstOfEachName(hosts)) {
        now.set(host.hostname, believe(before.get(host.hostname), host, observedAt))
      }
      let vanished = 0
      for (const [hostname, known] of before) {
        if (vanished >= mostVanished) break
        if (now.has(hostname) || hostname === nameless || observedAt - known.seenAt > remembered) continue
        vanished++
        now.set(hostname, {
          ...known,
          host: { ...known.host, patch_current: null, state: 'unknown', toldAt: known.seenAt },
          agreeingSince: undefined,
        })
      }
      regions.set(regionName, now)
    },
    hosts: (regionName) => [...(regions.get(regionName)?.values() ?? [])].map(({ host }) => host),
    forget: (regionName) => void regions.delete(regionName),
  }
}

function believe(before: Known | undefined, host: Host, seenAt: number): Known {
  const doubted = host.patch_current === false || before?.doubted === true
  if (host.patch_current !== true || !doubted) return { host, seenAt, doubted, agreeingSince: undefined }
  const agreeingSince = before?.agreeingSince ?? seenAt
  if (seenAt - agreeingSince >= agreement) return { host, seenAt, doubted: false, agreeingSince: undefined }
  return { host: { ...host, patch_current: false }, seenAt, doubted, agreeingSince }
}

/** Nameless hosts share a name: the least assuring of them speaks for it. */
function worstOfEachName(hosts: readonly Host[]): Iterable<Host> {
  const rank = ({ patch_current }: Host): number =>
    patch_current === false ? 0 : patch_current === null ? 1 : 2
  const worst = new Map<string, Host>()
  for (const host of hosts) {
    const other = worst.get(host.hostname)
    if (other === undefined || rank(host) < rank(other)) worst.set(host.hostname, host)
  }
  return worst.values()
}
