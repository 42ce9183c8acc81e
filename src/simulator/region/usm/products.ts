import type { Message } from '../refusal.ts'
import { Broken, said } from '../refusal.ts'
import type { RegionState, SimRelease } from '../state.ts'
import { releaseById, runningRelease } from '../versions.ts'
import type { Choice } from './metapackages.ts'
import { choose, metapackagesOf, productOf } from './metapackages.ts'
import { parseOptions } from './options.ts'
import { additionalInfo, isMajor } from './precheck.ts'
import { beginDeployment, endRemovalStart, isStarting, planStart, refuseSecond } from './start.ts'

/** A precheck or start of master: a list instead of one id. */
export interface ListCall {
  readonly releases: readonly string[]
  readonly forced: boolean
  readonly options?: unknown
  readonly now: number
}

/** `POST /v1/deploy/precheck` of master; it selects what it checks. */
export function precheckReleases(state: RegionState, call: ListCall): Record<string, unknown> {
  const no = (reason: string) => ({
    info: '',
    error: `Failed to validate release(s) for precheck. ${reason}`,
    warning: '',
    additional_data: {},
  })
  const wrong = call.releases.map((id) => unfit(state, id, call.releases)).find((reason) => reason !== '')
  if (wrong) return no(wrong)
  const chosen = state.releases.filter((release) => release.selected)
  if (call.releases.length === 0 && chosen.length === 0) {
    return no('No metapackage releases found in selected state for deployment.')
  }
  if (call.releases.length > 0) {
    const { error } = choose(state, call.releases).message
    if (error) return { ...no(''), error: `Failed to select release(s) before precheck.\n${error}` }
  }
  if (call.options) parseOptions(call.options)
  const [target] = call.releases.flatMap((id) => productOf(state, id) ?? []).concat(chosen)
  if (!target) throw new Broken('no product')
  return report(state, target, !state.mishaps.has('unhealthy') || call.forced, call.now)
}

function unfit(state: RegionState, id: string, all: readonly string[]): string {
  const product = productOf(state, id)
  if (!product && !releaseById(state, id)) return `Release ${id} does not exist.`
  if (!product) {
    return (
      `Cannot perform componentized upgrade on legacy release ${id}. ` +
      'Only product and metapackage releases are allowed.'
    )
  }
  if (product === runningRelease(state)) return `Cannot run precheck against current release ${id}.`
  if (product.id === id && all.length > 1) {
    const list = all.map((each) => `'${each}'`).join(', ')
    return (
      `Cannot process releases in [${list}]. ` +
      'Only a single product release or a list of metapackage releases is supported.'
    )
  }
  return ''
}

const output = 'System Health:\nAll hosts are provisioned: [OK]\n'
const issues = 'The following issues have been detected, which prevents deploying the release.\n'

function report(
  state: RegionState,
  target: SimRelease,
  healthy: boolean,
  now: number,
): Record<string, unknown> {
  const ids = metapackagesOf(target)
  const listed = ids.map((id) => `${id}:\n${output}\n`).join('')
  const names = ids.join(', ')
  const error = healthy
    ? ''
    : ids.map((id) => `${id}:\n${issues}${output}\n`).join('') +
      `The following metapackage release(s) are unhealthy:\n${names}`
  const ending = healthy ? `The following metapackage release(s) will be deployed:\n${names}` : ''
  const each = { info: output, warning: '', error: '', system_healthy: healthy }
  state.prechecks.set(target.swVersion, { healthy, at: now })
  return {
    info: listed + ending,
    error,
    warning: '',
    ...additionalInfo(state, target),
    from_release: runningRelease(state)?.swVersion ?? null,
    to_release: target.swVersion,
    additional_data: Object.fromEntries(ids.map((id) => [id, each])),
  }
}

/** `POST /v1/deploy/start` of master. */
export function startReleases(state: RegionState, call: ListCall): Message {
  refuseSecond(state)
  const running = runningRelease(state)
  if (!running) throw new Broken('no release is deployed')
  const previously = state.releases.filter((release) => release.selected)
  const asBefore = call.releases.length === 0 && previously.length > 0
  const choice = asBefore ? chosenBefore(previously) : choose(state, call.releases)
  if (choice.message.error) return said('', choice.message.error)
  const options = call.options ? parseOptions(call.options) : {}
  const checked = state.prechecks.get(choice.products[0]?.swVersion ?? '')
  if (!call.forced && state.mishaps.has('unhealthy') && !checked?.healthy) {
    const list = choice.products.flatMap(metapackagesOf).map((id) => `${id}:\n${issues}${output}\n`)
    return said('', `${list.join('')}Please fix above issues then retry the deploy.\n`)
  }
  const removes = choice.products.some((product) => product.selected === 'remove-selected')
  for (const product of choice.products) {
    delete product.selected
    product.state = removes ? 'removing' : 'deploying'
  }
  const last = choice.products.at(-1) ?? running
  const below = state.releases.filter((release) => release.state === 'deployed')
  const target = removes ? (below.at(-1) ?? running) : last
  const major = isMajor(state, target)
  beginDeployment(state, {
    from: running.swVersion,
    to: target.swVersion,
    rebootRequired: choice.products.some((product) => product.rebootRequired),
    commitId: removes || major ? [state.baseCommit] : null,
    applies: !removes,
    options,
  })
  if (removes) {
    const done = choice.products
      .toReversed()
      .map((product) => `Deploy start to remove ${product.id} completed successfully\n`)
    const wrong = 'Deploy start removing failed: no ostree log.\n'
    const ended = endRemovalStart(state, done.join(''), wrong)
    return said(choice.message.info + ended.info, ended.error)
  }
  planStart(state)
  const names = choice.products.flatMap(metapackagesOf).sort().join(', ')
  return said(`${choice.message.info}${names}${isStarting}`)
}

function chosenBefore(products: readonly SimRelease[]): Choice {
  const names = products.flatMap(metapackagesOf).join(', ')
  return { message: said(`Metapackages previously selected for deployment: ${names}\n`), products }
}
