import type { RegionState, SimRelease } from '../region/state.ts'
import { releaseFacts } from '../region/release.ts'
import { Broken, Refusal } from '../region/refusal.ts'
import { isInstalling } from '../region/patching/repository.ts'
import { upload } from '../region/usm/upload.ts'
import { verbs } from '../region/usm/verbs.ts'
import type { Answer } from './answer.ts'
import { jsonAnswer } from './answer.ts'
import { patchHostRecord } from './patchingRecords.ts'
import { argumentsOf } from './parameters.ts'
import type { SimRequest } from './request.ts'
import { parametersOf, segmentsOf } from './request.ts'
import { internalError, outcomeOf } from './outcome.ts'
import { uploadedFiles } from './uploads.ts'
import { rootDocument, versionDocument } from './versionDocument.ts'

/**
 * USM of stx 9: verbs under /v1/software, whatever the HTTP method; everything unknown is a 500
 * (recordings usm/stx9.0/unknown-path, -release-path-of-later-releases). Its writes answer GET as well.
 */
export function answerUsmVerbs(
  state: RegionState,
  request: SimRequest,
  now: number,
): Answer | Promise<Answer> {
  const [root, software, verb, ...ids] = segmentsOf(request)
  const host = request.headers['host'] ?? ''
  if (root === undefined) return jsonAnswer(rootDocument(host))
  if (root !== 'v1') return internalError(state)
  if (software === undefined) return jsonAnswer(versionDocument(host, ['software']))
  if (software !== 'software' || verb === undefined) return internalError(state)
  const all = (word: string) => ids.every((id) => find(state, id)?.state === word)
  switch (verb) {
    case 'query':
      return ids.length > 0 ? internalError(state) : jsonAnswer({ sd: queried(state, request) })
    case 'show':
      return jsonAnswer(shown(state, ids))
    case 'is_available':
      return jsonAnswer(all('available'))
    case 'is_deployed':
      return jsonAnswer(all('deployed'))
    case 'is_committed':
      return jsonAnswer(all('committed'))
    case 'in_sync_controller':
      return jsonAnswer({ in_sync: state.inSync })
    case 'deploy_show':
      return jsonAnswer(deployShown(state))
    case 'host_list':
      return jsonAnswer({ data: hostList(state, now) })
    default:
      return written(state, verb, ids, request, now)
  }
}

/** What the verbs of stx 9 change; a refusal is 200 with only an `error`. */
function written(
  state: RegionState,
  verb: string,
  ids: readonly string[],
  request: SimRequest,
  now: number,
): Answer | Promise<Answer> {
  const handle = writes[verb]
  if (!handle) return internalError(state)
  return outcomeOf(state, () => {
    try {
      return handle(state, ids, request, now)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return verb === 'upload' ? { error: error.error } : { info: '', warning: '', error: error.error }
    }
  })
}

type Write = (state: RegionState, ids: readonly string[], request: SimRequest, now: number) => unknown

const writes: Readonly<Record<string, Write>> = {
  delete: (state, ids) => verbs.delete(state, ids),
  deploy_precheck: (state, ids, request, now) =>
    verbs.precheck(state, needId(ids), {
      forced: ids.includes('force'),
      region: argumentsOf(request)['region_name'],
      now,
    }),
  deploy_start: (state, ids) => {
    if (isInstalling(state)) return { error: 'Rejected: One or more nodes are installing releases.' }
    return verbs.start(state, needId(ids))
  },
  deploy_host: (state, [name]) =>
    name === undefined ? { error: 'Host must be specified for install' } : verbs.host(state, name),
  deploy_activate: (state, ids) => whileIdle(state, () => verbs.activate(state, needId(ids))),
  deploy_complete: (state, ids) => whileIdle(state, () => verbs.complete(state, needId(ids))),
  upload: (state, _ids, request) => {
    // Without a type stx 9 finds no files either (recording upload-empty).
    if (request.headers['content-type'] === undefined) return { error: 'No files uploaded' }
    return upload(state, uploadedFiles(state, request))
  },
}

function whileIdle(state: RegionState, handle: () => unknown): unknown {
  return isInstalling(state) ? { error: 'Rejected: One or more nodes are installing a release.' } : handle()
}

function needId([id]: readonly string[]): string {
  if (id === undefined) throw new Broken('IndexError')
  return id
}

function find(state: RegionState, id: string): SimRelease | undefined {
  return state.releases.find((release) => release.id === id)
}

/** "Y" and "N" instead of booleans (recording usm/stx9.0/query). */
function metadataOf(release: SimRelease): Record<string, unknown> {
  return {
    state: release.state,
    sw_version: release.swVersion,
    status: 'REL',
    unremovable: release.unremovable ? 'Y' : 'N',
    summary: release.summary,
    description: `${release.id} description, with <markup> & unicode é`,
    install_instructions: '',
    warnings: release.warnings,
    apply_active_release_only: '',
    reboot_required: release.rebootRequired ? 'Y' : 'N',
    requires: release.requires,
    packages: release.packages,
  }
}

/** `show` and `release` both count here, and `release` is exact. */
function queried(state: RegionState, request: SimRequest): Record<string, unknown> {
  const parameters = parametersOf(request)
  const known = new Set(['available', 'unavailable', 'deployed', 'removing', 'committed'])
  const show = parameters.get('show')
  const wanted = parameters.get('release')
  const kept = state.releases.filter(
    (release) =>
      (show === undefined || !known.has(show) || release.state === show) &&
      (wanted === undefined || release.swVersion === wanted),
  )
  return Object.fromEntries(kept.map((release) => [release.id, metadataOf(release)]))
}

function shown(state: RegionState, ids: readonly string[]): Record<string, unknown> {
  const known = ids.map((id) => find(state, id)).filter((release) => release !== undefined)
  const unknown = ids.filter((id) => !find(state, id))
  const part = { commit: state.baseCommit, checksum: state.baseCommit }
  const contents = (release: SimRelease) =>
    release.state === 'deployed' ? { number_of_commits: '1', base: part, commit1: part } : {}
  return {
    metadata: Object.fromEntries(known.map((release) => [release.id, metadataOf(release)])),
    contents: Object.fromEntries(known.map((release) => [release.id, contents(release)])),
    error: unknown.map((id) => `${id} is unrecognized\n`).join(''),
  }
}

/** `{}` without a deployment; no list, and four keys only (r/stx.9.0 software_entities.py). */
function deployShown(state: RegionState): Record<string, unknown> {
  const { deployment } = state
  if (!deployment || state.corruptDatabase) return {}
  return {
    from_release: deployment.from,
    to_release: deployment.to,
    reboot_required: deployment.rebootRequired,
    state: deployment.state,
  }
}

/** During a deployment the deploying hosts, else every host an agent runs on (r/stx.9.0 deploy_host_list). */
function hostList(state: RegionState, now: number): Record<string, unknown>[] {
  const { deployment } = state
  if (deployment) {
    return deployment.hosts.map((host, i) => ({
      hostname: host.hostname,
      sw_version: deployment.from,
      to_release: deployment.to,
      reboot_required: deployment.rebootRequired,
      deploy_host_state: host.state,
      state: 'idle',
      interim_state: false,
      ip: `192.168.204.${i + 2}`,
    }))
  }
  return state.patchHosts.map((host) => {
    const { patch_current, requires_reboot, ...rest } = patchHostRecord(host, state, now)
    const version = releaseFacts[state.release].version
    return { ...rest, deployed: patch_current, sw_version: version, reboot_required: requires_reboot }
  })
}
