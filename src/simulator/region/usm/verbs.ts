import type { Message } from '../refusal.ts'
import { Broken, said } from '../refusal.ts'
import { later } from '../ownSteps.ts'
import type { RegionState, SimRelease } from '../state.ts'
import { compareVersions, releaseById } from '../versions.ts'
import { examine, existing } from './precheck.ts'

/**
 * What USM of stx 9 changes by its verbs. Releases carry the state themselves: deploying-start, -host and
 * -activate; there is no deployment beside them.
 */
export const verbs = {
  delete: deleteReleases,
  precheck,
  start,
  host,
  activate,
  complete,
}

/** All or none; releases in use are deleted as well (recording delete-deployed). */
function deleteReleases(state: RegionState, given: readonly string[]): Message {
  const ids = [...new Set(given)].sort()
  const complaints = ids.map((id) => {
    const release = releaseById(state, id)
    if (!release) return `Release ${id} does not exist\n`
    const free = ['available', 'deployed'].includes(release.state) || release.state.startsWith('deploying-')
    return free ? '' : `Release ${id} is ${release.state} and cannot be deleted.\n`
  })
  if (complaints.some((text) => text !== '')) return said('', complaints.join(''))
  state.releases = state.releases.filter((release) => !ids.includes(release.id))
  return said(ids.map((id) => `${id} has been deleted\n`).join(''))
}

/** Without `region_name` upstream's code breaks (recording precheck). */
function precheck(
  state: RegionState,
  id: string,
  call: { forced: boolean; region: unknown; now: number },
): Message {
  const release = existing(state, id)
  if (call.region === undefined) throw new Broken("KeyError: 'region_name'")
  const { healthy, output } = examine(state, release.swVersion, call.forced, call.now)
  return healthy === true ? said(output) : said('', output)
}

function start(state: RegionState, id: string): Message {
  const release = existing(state, id)
  const direction = compareVersions(release.swVersion, baseVersion(state))
  if (direction === 0) return said('', 'The software version format for this release is not correct.\n')
  if (direction < 0) return said('', `Release ${id} is not removable\n`)
  const order = withRequired(state, release)
  const lines = order.map((each) => {
    if (each.state !== 'available') return `${each.id} is already being deployed\n`
    each.state = 'deploying-start'
    return `${each.id} is now in the repo\n`
  })
  return said(lines.join(''))
}

/** Upstream measures against the first release of the major version, whatever runs. */
function baseVersion(state: RegionState): string {
  return state.releases.find((release) => release.swVersion.endsWith('.0'))?.swVersion ?? '0'
}

function withRequired(state: RegionState, release: SimRelease): SimRelease[] {
  const found = new Set([release])
  for (const each of found) {
    for (const id of each.requires) {
      const required = releaseById(state, id)
      if (required && compareVersions(required.swVersion, baseVersion(state)) > 0) found.add(required)
    }
  }
  return [...found].sort((a, b) => compareVersions(a.swVersion, b.swVersion))
}

function host(state: RegionState, name: string): Message {
  const found = state.patchHosts.find((each) => each.hostname === name || each.ip === name)
  if (!found) return said('', `Unknown host specified: ${name}\n`)
  found.state = 'installing'
  const fails = state.mishaps.has('install-fails')
  const end = (failed: boolean) => () => {
    Object.assign(found, {
      state: failed ? 'install-failed' : 'idle',
      patchFailed: failed,
      patchCurrent: !failed,
    })
  }
  later(state, { of: 'patching', take: end(fails), fail: end(true) })
  const started = state.releases.filter((release) => release.state === 'deploying-start')
  for (const release of started) release.state = 'deploying-host'
  const lines = started.map(({ id }) => `${id} has been activated\n`)
  return said(`Host installation request sent to ${found.hostname}.\n${lines.join('')}`)
}

function activate(state: RegionState, id: string): Message {
  const release = needed(state, id)
  if (release.state !== 'deploying-host') return said(`${id} is not deployed on host\n`)
  release.state = 'deploying-activate'
  return said(`Deployment for ${id} has been activated\n`)
}

function complete(state: RegionState, id: string): Message {
  if (needed(state, id).state !== 'deploying-activate') return said(`${id} is not activated yet\n`)
  const active = state.releases.filter((release) => release.state === 'deploying-activate')
  for (const release of active) release.state = 'deployed'
  return said(active.map((release) => `${release.id} has been deployed\n`).join(''))
}

/** Upstream looks it up without a check. */
function needed(state: RegionState, id: string): SimRelease {
  const release = releaseById(state, id)
  if (!release) throw new Broken(`KeyError: ${id}`)
  return release
}
