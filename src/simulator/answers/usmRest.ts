import { generation } from '../region/release.ts'
import type { RegionState, SimRelease } from '../region/state.ts'
import { isNext } from '../region/usm/deployHost.ts'
import { majorOf, runningRelease } from '../region/versions.ts'
import type { Answer } from './answer.ts'
import { hookAnswer, jsonAnswer, serverErrorAnswer } from './answer.ts'
import { methodNotAllowed, negotiatedError, notAcceptable, pickType } from './negotiation.ts'
import { internalError } from './outcome.ts'
import type { SimRequest } from './request.ts'
import { parametersOf, segmentsOf } from './request.ts'
import { deployHostRecords, deployRecord, metapackageRecords } from './usmRecords.ts'
import { releaseRecord, softwareUpgrade } from './usmRecords.ts'
import type { Refuse } from './usmWrites.ts'
import { answerUsmWrite } from './usmWrites.ts'
import { rootDocument, versionDocument } from './versionDocument.ts'

/** Which listener answers: only the one without authentication fails on its own 4xx (recording nonexistent). */
export type UsmListener = 'token' | 'unauthenticated'

/** USM from stx 10 to master. */
export function answerUsmRest(
  state: RegionState,
  request: SimRequest,
  listener: UsmListener,
  now: number,
): Answer | Promise<Answer> {
  const refuse = (status: number, detail?: string) => usmError(state, request, listener, status, detail)
  const accept = request.headers['accept']
  const path = segmentsOf(request)
  if (request.method !== 'GET') return answerUsmWrite(state, request, refuse, now)
  if (accept !== undefined && !pickType(accept, ['application/json'])) return refuse(406)
  if (path.length === 0) return jsonAnswer(rootDocument(request.headers['host'] ?? ''))
  if (path[0] !== 'v1') return refuse(404)
  if (path.length === 1) return jsonAnswer(versionDocument(request.headers['host'] ?? '', usmLinks))
  const master = generation(state.release) >= 99
  const [, resource, ...rest] = path
  if (resource === 'release') return releaseAnswer(state, request, rest, refuse)
  if (resource === 'deploy') return deployAnswer(state, request, rest, refuse)
  if (resource === 'deploy_host') return deployHostAnswer(state, request, rest, refuse)
  if (resource === 'software') {
    return rest[0] === 'in_sync_controller' ? jsonAnswer({ in_sync: state.inSync }) : refuse(405)
  }
  if (resource === 'system_deploy' && master && rest.length === 0) {
    return jsonAnswer(state.systemDeploy ? [state.systemDeploy] : [])
  }
  return refuse(404)
}

const usmLinks = ['software', 'release', 'deploy', 'deploy_host']

const testedStates: Readonly<Record<string, string>> = {
  is_available: 'available',
  is_deployed: 'deployed',
  is_committed: 'committed',
}

function releaseAnswer(state: RegionState, request: SimRequest, path: string[], refuse: Refuse): Answer {
  const visible = state.releases.filter((release) => release.state !== 'committed')
  const last = path.at(-1)
  const tested = last === undefined ? undefined : testedStates[last]
  if (tested) {
    const ids = path.slice(0, -1)
    return jsonAnswer(ids.every((id) => visible.find((release) => release.id === id)?.state === tested))
  }
  if (last === undefined) {
    return jsonAnswer(listed(visible, request).map((release) => releaseRecord(release, state)))
  }
  if (path.length > 1) return refuse(404)
  const master = generation(state.release) >= 99
  if (master && last === 'metapackage') return jsonAnswer(listedMetapackages(visible, state, request))
  const found = visible.find((release) => release.id === last)
  return found ? jsonAnswer(releaseRecord(found, state)) : refuse(404, `Release ${last} not found`)
}

/** Those that run, unless `all` or those of a state are asked for; none is for before an upgrade. */
function listedMetapackages(
  releases: readonly SimRelease[],
  state: RegionState,
  request: SimRequest,
): unknown[] {
  const parameters = parametersOf(request)
  const all = releases.filter((release) => release.kind === 'product').flatMap(metapackageRecords)
  const show = parameters.get('show')
  if (show !== undefined && (knownStates.has(show) || show.endsWith('-selected'))) {
    return all.filter((record) => record['state'] === show)
  }
  if (parameters.has('all')) return all
  const running = runningRelease(state)
  return running && !parameters.has('pre-upgrade-deploy') ? metapackageRecords(running) : []
}

const knownStates = new Set(['available', 'unavailable', 'deployed', 'removing', 'committed', 'deploying'])

/** A known `show` hides `release`; else `release` matches any text that contains the record's MM.mm. */
function listed(releases: SimRelease[], request: SimRequest): SimRelease[] {
  const parameters = parametersOf(request)
  const show = parameters.get('show')
  if (show !== undefined && knownStates.has(show)) {
    return releases.filter((release) => release.state === show)
  }
  const wanted = parameters.get('release')
  if (wanted === undefined) return releases
  return releases.filter((release) => wanted.includes(majorOf(release.swVersion)))
}

function deployAnswer(state: RegionState, request: SimRequest, path: string[], refuse: Refuse): Answer {
  const deployment = state.corruptDatabase ? null : state.deployment
  if (path.length === 1 && path[0] === 'software_upgrade') {
    return jsonAnswer(deployment ? softwareUpgrade(deployment, state) : null)
  }
  if (path.length > 0) return refuse(405)
  if (deployment && state.metadataMissing && generation(state.release) >= 11) {
    return hookAnswer(
      406,
      'Software release version corresponding to the specified release None does not exist.',
    )
  }
  const parameters = parametersOf(request)
  const [from, to] = [parameters.get('from_release'), parameters.get('to_release')]
  if (from === undefined || to === undefined) {
    return jsonAnswer(deployment ? [deployRecord(deployment, state)] : [])
  }
  if (!deployment) return jsonAnswer([])
  if (![from, to].every((version) => /^\d+(\.\d+)*$/.test(version))) return internalError(state)
  const same = deployment.from === from && deployment.to === to
  return jsonAnswer(same ? deployRecord(deployment, state) : [])
}

function deployHostAnswer(state: RegionState, request: SimRequest, path: string[], refuse: Refuse): Answer {
  const deployment = state.corruptDatabase ? null : state.deployment
  if (path.length === 0) return jsonAnswer(deployment ? deployHostRecords(deployment, state) : [])
  if (path.length > 1 || path[0] !== 'next') return refuse(405)
  return jsonAnswer(deployment !== null && isNext(state, parametersOf(request).get('hostname')))
}

/** How a release words its 4xx: stx 12 and later as USM's own object, before by Accept (usm.md §2). */
function usmError(
  state: RegionState,
  request: SimRequest,
  listener: UsmListener,
  status: number,
  detail = '',
): Answer {
  const accept = request.headers['accept']
  if (generation(state.release) >= 12) {
    const malformed =
      'The server could not comply with the request since it is either malformed or otherwise incorrect.'
    return hookAnswer(status, status === 404 ? detail || 'The resource could not be found.' : malformed)
  }
  if (listener === 'unauthenticated') return serverErrorAnswer()
  if (status === 406) return notAcceptable(accept ?? '')
  if (status === 405) {
    const allow = allowed[segmentsOf(request)[1] ?? ''] ?? 'GET'
    return methodNotAllowed(request.method, accept, [['Allow', allow]])
  }
  return negotiatedError(status, accept, detail)
}

const allowed: Readonly<Record<string, string>> = {
  release: 'DELETE, GET, POST',
  deploy: 'DELETE, GET',
  deploy_host: 'GET, POST',
}
