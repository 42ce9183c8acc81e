import { generation } from '../release.ts'
import type { Message } from '../refusal.ts'
import { Broken, Refusal, said } from '../refusal.ts'
import type { RegionState } from '../state.ts'
import { majorOf, pythonList, releaseById } from '../versions.ts'

/** `DELETE /v1/release/{ids…}`: all or none, one sentence for all that is wrong (recording delete-mixed). */
export function deleteReleases(state: RegionState, given: readonly string[]): Message {
  const ids = [...new Set(given)].sort()
  const unknown = ids.filter((id) => !releaseById(state, id))
  const used = ids.filter((id) => {
    const release = releaseById(state, id)
    return release && !['available', 'unavailable'].includes(release.state)
  })
  let error = ''
  if (unknown.length > 0) error += `Release${plural(unknown)} ${unknown.join(',')} can not be found\n`
  if (used.length > 0) {
    const verb = used.length === 1 ? 'is' : 'are'
    error += `Release${plural(used)} ${used.join(',')} ${verb} not ready to be deleted\n`
  }
  const required = generation(state.release) >= 99 ? requiredByOthers(state, ids) : []
  if (required.length > 0) error += `${pythonList(required)} are required by other releases`
  if (error !== '') throw new Refusal(error)
  const info = ids.map((id) => {
    const version = releaseById(state, id)?.swVersion ?? ''
    const feed = version.endsWith('.0')
      ? `Deleted feed directory /var/www/pages/feed/rel-${majorOf(version)}\n`
      : ''
    return `${feed}${id} has been deleted\n`
  })
  state.releases = state.releases.filter((release) => !ids.includes(release.id))
  return said(info.join(''))
}

function plural(values: readonly string[]): string {
  return values.length === 1 ? '' : 's'
}

/** Master's additional reason (recording delete-deployed). */
function requiredByOthers(state: RegionState, ids: readonly string[]): string[] {
  const others = state.releases.filter((release) => !ids.includes(release.id))
  return ids.filter((id) => others.some((release) => release.requires.includes(id)))
}

/** `POST /v1/release/{ids…}/commit` and `…/commit_dry_run`; both break on any release that is known. */
export function commit(state: RegionState, ids: readonly string[], dry: boolean): Record<string, unknown> {
  // Products have no status (recording master/commit-unknown).
  const unreleased = state.releases.filter(
    (release) => release.kind === 'product' || release.texts === 'missing',
  )
  if (unreleased.length > 0) {
    const list = unreleased.map(({ id }) => `    ${id}\n`).join('')
    const error = `A commit cannot be performed with non-REL status patches in the system:\n${list}`
    return { info: '', error }
  }
  const unknown = [...ids].sort().filter((id) => !releaseById(state, id))
  if (unknown.length > 0) return { info: '', error: unknown.map((id) => `${id} is unrecognized\n`).join('') }
  if (ids.length > 0) throw new Broken("'SWRelease' object has no attribute 'requires'")
  return {
    info: dry ? 'This commit operation would free 0.00 MiB' : 'The releases have been committed.',
    error: '',
  }
}

/** `POST /v1/deploy_host/install_local`. */
export function installLocal(state: RegionState, stop: boolean): Message {
  if (state.deployment) {
    return said(
      'Software Deploy operation is in progress.\n' +
        'Please finish current deploy before modifying install local mode.\n',
    )
  }
  if (state.installLocal !== stop) {
    const word = stop ? 'disabled' : 'enabled'
    return said(`Software deployment in local installation mode is already ${word}.\n`)
  }
  state.installLocal = !stop
  return said(`Software deployment in local installation mode is ${stop ? 'stopped' : 'started'}.\n`)
}
