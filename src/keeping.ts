import type { KeptLists } from './discovery/inventory.ts'
import type { KeepAnswers } from './fleet/fleet.ts'
import type { HostHistory, HostMemory } from './fleet/host-history.ts'
import type { Snapshots } from './fleet/snapshots.ts'
import { isBackground } from './model/calls.ts'
import type { Host } from './model/facts.ts'
import type { Region } from './model/region.ts'
import type { LogOptions } from './state/log.ts'
import { openState } from './state/open-state.ts'
import type { RefusalMemory } from './upstream/login-guard.ts'
import { readKept } from './upstream/read-body.ts'

/** What a restart keeps, as the parts of the gateway give and take it. */
export interface Keeping extends KeepAnswers {
  readonly refusals?: RefusalMemory
  readonly lists?: KeptLists
  /** Who exists now: regions that came get what was kept of them, in slices, and not over what they have told since. */
  follow(regions: readonly Region[]): Promise<void>
  close(): Promise<void>
}

/** What is filled again: made after that which fills it. */
export interface Refilled {
  readonly snapshots: Pick<Snapshots, 'restore'>
  readonly hosts: Pick<HostHistory, 'observe' | 'memoryOf' | 'recall'>
}

/** ms: reading answers again must not keep callers waiting. */
const slice = 5
/** ms between two looks at who has been absent for long. */
const pruning = 600_000

/** Without a folder nothing is kept. Rejects where the folder can't be used. */
export async function openKeeping(
  folder: string | undefined,
  refilled: () => Refilled,
  options: LogOptions,
): Promise<Keeping> {
  if (folder === undefined) return keepNothing
  const { now } = options
  const state = await openState(folder, options)
  const { answers, lists, logins } = state
  let present: ReadonlyMap<string, Region> = new Map()
  const prune = (): void => answers.follow(new Set(present.keys()), now())
  const timer = setInterval(prune, pruning)
  timer.unref()

  function restore(region: Region): void {
    const { snapshots, hosts } = refilled()
    const memory = parseMemory(answers.hostsOf(region.name))
    if (memory) hosts.recall(region.name, memory)
    for (const { resource, dialect, body, observedAt } of answers.of(region.name)) {
      const reading = readKept(resource, region.name, dialect, body)
      if (reading === undefined) answers.drop(region.name, resource)
      else if (snapshots.restore(region, { resource }, reading, observedAt)) {
        if (resource === 'query_hosts' && 'items' in reading) {
          // Under another clock: what will be observed must not seem to come before it.
          hosts.observe(region.name, reading.items as readonly Host[], Math.min(observedAt, now()))
        }
      }
    }
  }

  return {
    lists,
    refusals: {
      digest: (password) => logins.digest(password),
      refusals: () => logins.refusals(),
      keep: (key, count) => logins.keep(key, count, now()),
    },
    onReading({ name }, { resource }, { dialect, body }, observedAt) {
      if (!isBackground(resource)) return
      answers.keep(name, { resource, dialect, body, observedAt })
      if (resource !== 'query_hosts') return
      const memory = refilled().hosts.memoryOf(name)
      answers.keepHosts(name, memory ? JSON.stringify(memory) : '', observedAt)
    },
    onUnsupported: ({ name }, { resource }) => answers.drop(name, resource),
    async follow(regions) {
      const before = present
      present = new Map(regions.map((region) => [region.name, region]))
      prune()
      let since = performance.now()
      for (const { name } of regions) {
        if (before.has(name)) continue
        const region = present.get(name)
        if (region) restore(region)
        if (performance.now() - since < slice) continue
        await new Promise(setImmediate)
        since = performance.now()
      }
    },
    async close() {
      clearInterval(timer)
      present = new Map()
      await state.close()
    },
  }
}

const keepNothing: Keeping = {
  onReading: () => undefined,
  onUnsupported: () => undefined,
  follow: async () => undefined,
  close: async () => undefined,
}

/** Undefined where it is none. */
function parseMemory(text: string): HostMemory | undefined {
  try {
    const { doubted, vanished } = JSON.parse(text) as HostMemory
    const whole =
      doubted.every((name) => typeof name === 'string') &&
      vanished.every(({ host, seenAt }) => typeof host.hostname === 'string' && typeof seenAt === 'number')
    return whole ? { doubted, vanished } : undefined
  } catch {
    return undefined
  }
}
