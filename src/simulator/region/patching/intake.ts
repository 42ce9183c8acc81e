import { releaseFacts } from '../release.ts'
import type { Message } from '../refusal.ts'
import { Crash, said } from '../refusal.ts'
import type { RegionState, SimPatch } from '../state.ts'
import { patchById } from './order.ts'

/** `upload` of one file: its name must be the patch's id, or the daemon goes down. */
export function takePatch(state: RegionState, filename: string, gzip: boolean): Message {
  const id = filename.replace(/\.[^.]*$/, '')
  const known = patchById(state, id)
  if (known?.repostate === 'Committed') return said(`${id} is committed. Metadata not updated\n`)
  if (!known && !filename.endsWith('.patch')) {
    return said('', `File must end in .patch extension: ${filename}\n`)
  }
  const failed = `Patch validation failed for ${id}:\n`
  if (!gzip) return said('', `${failed}Failed during patch extraction\n`)
  if (state.mishaps.has('bad-signature')) return said('', `${failed}Signature check failed\n`)
  if (known) return said(`${id} is already imported. Updated metadata only\n`)
  // The simulator doesn't open what it is sent: an id looks like one (recording upload-filename-differs-from-id).
  if (!/_PATCH_/.test(id)) throw new Crash(`KeyError: ${id}`)
  state.patches.push(newPatch(state, id))
  return said(`${id} is now available\n`)
}

function newPatch(state: RegionState, id: string): SimPatch {
  const version = /_(\d+\.\d+)_/.exec(id)?.[1] ?? releaseFacts[state.release].version
  return {
    id,
    swVersion: version,
    status: 'REL',
    metadata: 'full',
    rebootRequired: true,
    unremovable: false,
    requires: [],
    personalities: [],
    restartScript: false,
    commit: state.baseCommit,
    repostate: 'Available',
    settled: true,
  }
}

/** `init_release`: a repository for another release. */
export function initRelease(state: RegionState, release: string): Message {
  if (release === releaseFacts[state.release].version) return running(release)
  if (state.patchRepositories.has(release)) {
    return said(`Patch repository for ${release} already exists\n`)
  }
  state.patchRepositories.add(release)
  return said('')
}

/** `del_release`: that repository and the release's patches. */
export function deleteRelease(state: RegionState, release: string): Message {
  if (release === releaseFacts[state.release].version) return running(release)
  state.patches = state.patches.filter((patch) => patch.swVersion !== release)
  return said(
    state.patchRepositories.delete(release) ? '' : `Patch repository for ${release} does not exist\n`,
  )
}

function running(release: string): Message {
  return said('', `Rejected: Requested release ${release} is running release\n`)
}

/** `report_app_dependencies`: without an app it complains with 200 (recording report_app_dependencies-noapp). */
export function reportApplication(
  state: RegionState,
  ids: readonly string[],
  app: string | undefined,
): unknown {
  if (app === undefined) return { status: 500, error: '' }
  const { [app]: _, ...others } = state.appDependencies
  state.appDependencies = ids.length === 0 ? others : { ...others, [app]: ids }
  return true
}
