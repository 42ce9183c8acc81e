import { generation } from '../region/release.ts'
import { Broken } from '../region/refusal.ts'
import type { RegionState } from '../region/state.ts'
import { deployHost } from '../region/usm/deployHost.ts'
import * as lifecycle from '../region/usm/lifecycle.ts'
import { precheck } from '../region/usm/precheck.ts'
import { commit, deleteReleases, installLocal } from '../region/usm/releases.ts'
import { start } from '../region/usm/start.ts'
import { upload } from '../region/usm/upload.ts'
import type { Answer } from './answer.ts'
import { pickType } from './negotiation.ts'
import { errorIs406, outcomeOf } from './outcome.ts'
import { argumentsOf } from './parameters.ts'
import type { SimRequest } from './request.ts'
import { segmentsOf } from './request.ts'
import { uploadedFiles } from './uploads.ts'
import { productActions, systemDeployActions } from './usmMasterWrites.ts'

/** How the listener words an HTTP error. */
export type Refuse = (status: number, detail?: string) => Answer

/** What one request asks for. */
export interface WriteCall {
  readonly state: RegionState
  readonly request: SimRequest
  /** What stands in the path beside the name of the action. */
  readonly args: readonly string[]
  readonly given: Readonly<Record<string, unknown>>
  readonly now: number
}

/** A handler of USM's REST dialect. */
export interface Action {
  readonly handle: (call: WriteCall) => unknown
  /** How many further segments its path may have. */
  readonly args?: readonly [least: number, most: number]
  readonly statusOf?: (value: unknown) => number
}

/** Every method but GET, of stx 10 to master. */
export function answerUsmWrite(
  state: RegionState,
  request: SimRequest,
  refuse: Refuse,
  now: number,
): Answer | Promise<Answer> {
  const [root, resource = '', ...rest] = segmentsOf(request)
  const found = root === 'v1' ? findAction(state, request.method, resource, rest) : undefined
  if (!found) return refuse(405)
  const [least, most] = found.action.args ?? [0, 0]
  if (found.args.length > most) return refuse(404)
  const accept = request.headers['accept']
  if (accept !== undefined && !pickType(accept, ['application/json'])) return refuse(406)
  const call = { state, request, args: found.args, given: argumentsOf(request), now }
  const handle = () => {
    if (found.args.length < least) throw new Broken('an argument is missing')
    return found.action.handle(call)
  }
  return outcomeOf(state, handle, found.action.statusOf)
}

/** pecan's custom actions: by the last segment of a POST, by the first of a DELETE. */
function findAction(
  state: RegionState,
  method: string,
  resource: string,
  rest: readonly string[],
): { action: Action; args: readonly string[] } | undefined {
  const master = generation(state.release) >= 99
  const last = rest.at(-1) ?? ''
  if (method === 'DELETE') {
    if (resource === 'release') return { action: deletion, args: rest }
    if (resource === 'deploy') {
      return { action: deployDeletion, args: rest[0] === 'delete' ? rest.slice(1) : rest }
    }
    const action = resource === 'system_deploy' && master ? systemDeployActions['delete'] : undefined
    return action && { action, args: rest }
  }
  if (method !== 'POST') return undefined
  const custom = customActions(resource, master)?.[last]
  if (custom) return { action: custom, args: rest.slice(0, -1) }
  if (resource === 'release') return { action: uploading, args: rest }
  if (resource === 'deploy_host') return { action: hostDeployment, args: rest }
  return undefined
}

function customActions(resource: string, master: boolean): Readonly<Record<string, Action>> | undefined {
  if (resource === 'release') return releaseActions
  if (resource === 'deploy_host') return hostActions
  if (resource === 'deploy') return master ? { ...deployActions, ...productActions } : deployActions
  return resource === 'system_deploy' && master ? systemDeployActions : undefined
}

const anyNumber = [0, Number.MAX_SAFE_INTEGER] as const

const deletion: Action = { args: anyNumber, handle: ({ state, args }) => deleteReleases(state, args) }
const deployDeletion: Action = { handle: ({ state }) => lifecycle.deleteDeployment(state) }
const uploading: Action = {
  handle: ({ state, request }) => upload(state, uploadedFiles(state, request)),
}
const hostDeployment: Action = {
  args: anyNumber,
  handle: ({ state, args: [hostname, ...words] }) =>
    hostname === undefined
      ? { error: 'Host must be specified for install' }
      : deployHost(state, hostname, words.includes('rollback')),
}

const releaseActions: Readonly<Record<string, Action>> = {
  commit: { args: anyNumber, handle: ({ state, args }) => commit(state, args, false) },
  commit_dry_run: { args: anyNumber, handle: ({ state, args }) => commit(state, args, true) },
}

const hostActions: Readonly<Record<string, Action>> = {
  install_local: {
    args: [0, 1],
    handle: ({ state, args, given }) => {
      const stop = args[0] ?? given['delete']
      if (stop === undefined) throw new Broken("missing argument 'delete'")
      return installLocal(state, Boolean(stop))
    },
  },
}

const deployActions: Readonly<Record<string, Action>> = {
  abort: { handle: ({ state }) => lifecycle.abort(state) },
  activate: { handle: ({ state }) => lifecycle.activate(state) },
  activate_rollback: { handle: ({ state }) => lifecycle.activateRollback(state) },
  complete: { handle: ({ state }) => lifecycle.complete(state) },
  software_sync: { handle: () => ({ result: true }) },
  precheck: {
    args: [0, 3],
    statusOf: errorIs406,
    handle: (call) => precheck(call.state, deployCall(call)),
  },
  start: { args: [0, 2], statusOf: errorIs406, handle: (call) => start(call.state, deployCall(call)) },
}

/** The path counts before the body; whatever `force` says, that it is there forces (recording precheck-force-false). */
function deployCall({ args, given, now }: WriteCall): {
  release: string
  forced: boolean
  options?: unknown
  now: number
} {
  const release = args[0] ?? given['release']
  if (typeof release !== 'string') throw new Broken("missing argument 'release'")
  const force = args[1] ?? given['force'] ?? undefined
  return { release, forced: force !== undefined, options: given['options'], now }
}
