import type { RegionPlan } from '../../src/simulator/fleetPlan.ts'
import type { StateChange } from '../../src/simulator/region/change.ts'
import { parseStxRelease } from '../../src/simulator/region/release.ts'
import { planOf } from './oneRegion.ts'
import type { Api, Exchange } from './recordedWrites.ts'
import { nextMajor, versionOf } from './recordedWrites.ts'

/** A region as the recorded scenario had it, in which nothing happens by itself. */
export function planFor(about: { name: string; api: Api; release: string; scenario: string }): RegionPlan {
  const { name, api, release, scenario } = about
  const tokenPort = /^(auth|haproxy)-/.test(name)
  return planOf({
    name: `${api} ${release} ${name}`,
    subcloud: `${api} ${release} ${name}`,
    release: parseStxRelease(release),
    size: { releases: 4, packages: 1, hosts: scenario.startsWith('simplex') ? 1 : 3 },
    mode: name.startsWith('haproxy-') ? 'front' : 'direct',
    listener: tokenPort ? 'token' : 'unauthenticated',
    changes: api === 'usm' ? usmScenario(versionOf(about), release, scenario) : patchingScenario(about),
  })
}

/** V.0 runs, V.1 and V.2 are there; from there into the scenario. */
function usmScenario(version: string, release: string, scenario: string): StateChange[] {
  const add = (patch: number, state: string, needs: string[]): StateChange => ({
    add_release: {
      id: `starlingx-${version}.${patch}`,
      sw_version: `${version}.${patch}`,
      state,
      reboot_required: patch === 2,
      requires: needs,
    },
  })
  const major = scenario === 'major-available'
  const changes: StateChange[] = [
    { timing: { transition_ms: null, host_ms: null }, clear_releases: true },
    add(0, 'deployed', []),
    add(1, major ? 'deployed' : 'available', [`starlingx-${version}.0`]),
  ]
  if (major) {
    const next = nextMajor[release] ?? ''
    const id = `starlingx-${next}.0`
    changes.push({
      add_release: { id, sw_version: `${next}.0`, state: 'available', reboot_required: true },
    })
  } else changes.push(add(2, 'available', [`starlingx-${version}.1`]))
  const state = scenario.replace(/^simplex-/, '')
  if (/^(host|start|activate)/.test(state)) {
    changes.push({ deployment: { state }, commit: 'c'.repeat(64) })
  }
  return changes
}

/** P1 (unremovable) and P2 applied, P3 and P4 available; worker-0 locked, storage-0 there. */
function patchingScenario({
  release,
  scenario,
  name,
}: {
  release: string
  scenario: string
  name: string
}): StateChange[] {
  const version = versionOf({ api: 'patching', release })
  const id = (number: number) => `STX_${version}_PATCH_000${number}`
  const changes: StateChange[] = [
    { timing: { transition_ms: null, host_ms: null }, patch_hosts: true },
    { host: { hostname: 'worker-0', locked: true } },
    { host: { hostname: 'storage-0' } },
    ...[1, 2, 3, 4].map((number): StateChange => {
      const applied = number <= 2 ? 'Applied' : 'Available'
      return {
        patch: {
          id: id(number),
          repostate: applied,
          reboot_required: number !== 2,
          unremovable: number === 1 && !name.startsWith('chain'),
        },
      }
    }),
    { add_patch: { id: `STX_${version}_PATCH_0099_MINIMAL`, minimal: true } },
  ]
  if (scenario === 'nohosts') changes.push({ patch_hosts: false })
  if (scenario === 'installing') {
    changes.push({ host: { hostname: 'worker-0', state: 'installing', patch_current: false } })
  }
  return changes
}

/** What must have gone wrong, or have been done before, for an answer to be as recorded. */
export function preparationFor(exchange: Exchange): StateChange[] {
  const { name } = exchange
  const version = versionOf(exchange)
  const mishap = mishapsBy.find(([pattern]) => pattern.test(name))?.[1]
  const changes: StateChange[] = mishap ? [{ mishaps: [mishap] }] : []
  if (name.startsWith('upload-local-patch')) {
    const file = { local_files: [`/home/sysadmin/${version}.7.patch`] }
    changes.push(file, uploaded(version))
  }
  if (name.startsWith('406-text')) {
    changes.push({ deploy_host: { hostname: 'worker-0', state: 'pending' } })
  }
  if (exchange.api === 'patching' && name === 'upload-again') {
    changes.push({ add_patch: { id: `STX_${version}_PATCH_0005` } })
  }
  if (/^upload-patch-(again|precheck)$/.test(name)) changes.push(uploaded(version))
  return changes
}

function uploaded(version: string): StateChange {
  const id = `starlingx-${version}.7`
  return { add_release: { id, sw_version: `${version}.7`, state: 'available', reboot_required: false } }
}

const mishapsBy = [
  [/^(precheck|start|m-precheck)-unhealthy/, 'unhealthy'],
  [/^precheck-script-crash/, 'precheck-crashes'],
  [/agent-dead/, 'agent-dead'],
  [/c1-fails/, 'host-fails'],
  [/remove-start/, 'start-fails'],
  [/bad-signature/, 'bad-signature'],
] as const
