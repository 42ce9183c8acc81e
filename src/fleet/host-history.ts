import type { Host } from '../model/facts.ts'

/** A region's hosts as believed now: one poll's verdict, tempered by those before it. */
export interface HostHistory {
  /** Takes a poll's hosts. `observedAt` in ms since the epoch. */
  observe(regionName: string, hosts: readonly Host[], observedAt: number): void
  /** The hosts of the last poll, and those that vanished less than a day ago, whose state is unknown. */
  hosts(regionName: string): readonly Host[]
  /** What the next answer of the region can't tell again; undefined where there is nothing of that kind. */
  memoryOf(regionName: string): HostMemory | undefined
  /** Takes up such a memory again, before any poll. */
  recall(regionName: string, memory: HostMemory): void
  forget(regionName: string): void
}

/** Hosts that were not current, and ones that vanished with the instant when they were last seen. */
export interface HostMemory {
  readonly doubted: readonly string[]
  readonly vanished: readonly { readonly host: Host; readonly seenAt: number }[]
}

interface Known {
  readonly host: Host
  readonly seenAt: number
  /** It was not current, and no two polls have agreed since that it is. */
  readonly doubted: boolean
  /** Since when polls have agreed that a host once not current is current. */
  readonly agreeingSince: number | undefined
  readonly vanished: boolean
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
  /** Doubts from before the gateway started about hosts that no poll has shown since. */
  const recalled = new Map<string, ReadonlySet<string>>()

  return {
    observe(regionName, hosts, observedAt) {
      const before = regions.get(regionName) ?? new Map<string, Known>()
      const now = new Map<string, Known>()
      for (const host of worstOfEachName(hosts)) {
        const wasDoubted = recalled.get(regionName)?.has(host.hostname) === true
        now.set(host.hostname, believe(before.get(host.hostname), wasDoubted, host, observedAt))
      }
      recalled.delete(regionName)
      let vanished = 0
      for (const [hostname, known] of before) {
        if (vanished >= mostVanished) break
        if (now.has(hostname) || hostname === nameless || observedAt - known.seenAt > remembered) continue
        vanished++
        now.set(hostname, {
          ...known,
          host: { ...known.host, patch_current: null, state: 'unknown', toldAt: known.seenAt },
          agreeingSince: undefined,
          vanished: true,
        })
      }
      regions.set(regionName, now)
    },
    hosts: (regionName) => [...(regions.get(regionName)?.values() ?? [])].map(({ host }) => host),
    memoryOf(regionName) {
      const all = [...(regions.get(regionName) ?? [])]
      const doubted = all.filter(([, known]) => known.doubted).map(([hostname]) => hostname)
      const vanished = all
        .filter(([, known]) => known.vanished)
        .map(([, { host, seenAt }]) => ({ host, seenAt }))
      return doubted.length + vanished.length === 0 ? undefined : { doubted, vanished }
    },
    recall(regionName, { doubted, vanished }) {
      if (regions.has(regionName)) return
      const names = new Set(doubted)
      recalled.set(regionName, names)
      const known = vanished.map(({ host, seenAt }): [string, Known] => [
        host.hostname,
        { host, seenAt, doubted: names.has(host.hostname), agreeingSince: undefined, vanished: true },
      ])
      regions.set(regionName, new Map(known))
    },
    forget(regionName) {
      regions.delete(regionName)
      recalled.delete(regionName)
    },
  }
}

function believe(before: Known | undefined, wasDoubted: boolean, host: Host, seenAt: number): Known {
  const doubted = host.patch_current === false || before?.doubted === true || wasDoubted
  const seen = { host, seenAt, doubted, agreeingSince: undefined, vanished: false }
  if (host.patch_current !== true || !doubted) return seen
  const agreeingSince = before?.agreeingSince ?? seenAt
  if (seenAt - agreeingSince >= agreement) return { ...seen, doubted: false }
  return { ...seen, host: { ...host, patch_current: false }, agreeingSince }
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
