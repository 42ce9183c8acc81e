import type { Deployment, Host, Release } from '../model/facts.ts'
import type { Outcome } from '../model/outcome.ts'

/** What is held of a region, judged by age; undefined: never asked. */
export interface Held {
  readonly release: Outcome<{ readonly items: readonly Release[] }> | undefined
  readonly deploy: Outcome<{ readonly items: readonly Deployment[] }> | undefined
  readonly queryHosts: Outcome<{ readonly items: readonly Host[] }> | undefined
  /** Patching's hosts as believed now (`host-history.ts`). */
  readonly hosts: readonly Host[]
}

/** A service's word on its region; `silent`: it has nothing to say, as it is not there or has no hosts. */
type Verdict = boolean | null | 'silent'

/**
 * Whether every host runs what its region has deployed or applied (product: "patch-current"). Null is unknown:
 * whatever is failed, stale, or not yet asked.
 */
export function regionPatchCurrent(held: Held): boolean | null {
  const verdicts = [usmVerdict(held), patchingVerdict(held)].filter((verdict) => verdict !== 'silent')
  if (verdicts.length === 0) return null
  if (verdicts.includes(false)) return false
  return verdicts.includes(null) ? null : true
}

function usmVerdict({ release, deploy }: Held): Verdict {
  if (release?.status === 'unsupported') return 'silent'
  if (release?.status !== 'fresh' || deploy?.status !== 'fresh') return null
  const deployments = deploy.reading.items
  if (deployments.some(({ native_state }) => native_state !== 'completed')) return false
  const releases = release.reading.items
  // A corrupt database answers as if there were no deployment (docs/quirks.md, "A corrupt database").
  const moving = releases.some(({ state }) => state === 'deploying' || state === 'removing')
  if (deployments.length === 0 && moving) return null
  // A system always runs something: a list without it is damaged, and must not look current.
  return releases.some(({ state }) => state === 'deployed' || state === 'committed') ? true : null
}

function patchingVerdict({ queryHosts, hosts }: Held): Verdict {
  if (queryHosts?.status === 'unsupported') return 'silent'
  if (queryHosts?.status !== 'fresh') return null
  if (hosts.length === 0) return queryHosts.reading.items.length === 0 ? 'silent' : null
  if (hosts.some(({ patch_current }) => patch_current === false)) return false
  return hosts.some(({ patch_current }) => patch_current === null) ? null : true
}
