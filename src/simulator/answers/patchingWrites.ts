import { commit } from '../region/patching/commit.ts'
import { drop, install } from '../region/patching/hosts.ts'
import { deleteRelease, initRelease, reportApplication, takePatch } from '../region/patching/intake.ts'
import { apply, deletePatches, isInstalling, rejected, remove } from '../region/patching/repository.ts'
import { Crash } from '../region/refusal.ts'
import { generation } from '../region/release.ts'
import type { RegionState } from '../region/state.ts'
import type { Handler } from './patching.ts'
import type { SimRequest } from './request.ts'
import { parametersOf } from './request.ts'

/** The routes of Patching that change something. */
export const patchingWrites: Readonly<Record<string, Handler>> = {
  apply: { takes: 'ids', xml: 'other', writes: true, answer: applied },
  remove: { takes: 'ids', xml: 'other', writes: true, answer: removed },
  delete: { takes: 'ids', xml: 'other', writes: true, answer: deletePatches },
  commit: { takes: 'ids', writes: true, answer: (state, ids) => commit(state, ids, false) },
  commit_dry_run: { takes: 'ids', answer: (state, ids) => commit(state, ids, true) },
  upload: { takes: 'nothing', xml: 'other', writes: true, answer: uploaded },
  upload_dir: { takes: 'nothing', writes: true, answer: () => ({ error: 'No patches found' }) },
  init_release: {
    takes: 'ids',
    writes: true,
    answer: (state, [release]) => (release === undefined ? noRelease : initRelease(state, release)),
  },
  del_release: {
    takes: 'ids',
    writes: true,
    answer: (state, [release]) => (release === undefined ? noRelease : deleteRelease(state, release)),
  },
  host_install: {
    takes: 'ids',
    xml: 'other',
    writes: true,
    answer: () => ({ error: 'Deprecated: Use host_install_async' }),
  },
  host_install_async: { takes: 'ids', xml: 'other', writes: true, answer: installed },
  drop_host: {
    takes: 'ids',
    xml: 'other',
    writes: true,
    answer: (state, [host]) => (host === undefined ? { error: 'Host must be specified' } : drop(state, host)),
  },
  report_app_dependencies: {
    takes: 'ids',
    writes: true,
    answer: (state, ids, request) => reportApplication(state, ids, parametersOf(request).get('app')),
  },
}

const noRelease = { error: 'Release must be specified' }
const nothingDone = { info: '', warning: '', error: '' }

function applied(state: RegionState, ids: readonly string[]): unknown {
  return isInstalling(state) ? rejected : (withoutIds(state, ids) ?? apply(state, ids))
}

function removed(state: RegionState, ids: readonly string[], request: SimRequest): unknown {
  if (isInstalling(state)) return rejected
  const asked = parametersOf(request)
  const yes = (name: string) => asked.get(name) === 'yes'
  const how = { unremovable: yes('removeunremovable'), skipAppCheck: yes('skipappcheck') }
  return withoutIds(state, ids) ?? remove(state, ids, how)
}

/** Up to stx 6 nothing happens; since 7 the daemon goes down (recordings crash-remove-no-id). */
function withoutIds(state: RegionState, ids: readonly string[]): unknown {
  if (ids.length > 0) return undefined
  if (generation(state.release) <= 6) return nothingDone
  throw new Crash('no ids')
}

function installed(state: RegionState, [host, ...words]: readonly string[]): unknown {
  if (host === undefined) return { error: 'Host must be specified for install' }
  return install(state, host, words.includes('force'))
}

/** Whatever isn't a multipart form with a file called `file` takes the daemon down. */
function uploaded(state: RegionState, _ids: readonly string[], request: SimRequest): unknown {
  const file = request.body?.parts?.find((part) => part.name === 'file')
  if (!file?.filename) throw new Crash("KeyError: 'file'")
  return takePatch(state, file.filename.split('/').at(-1) ?? '', file.gzip)
}
