import type { Message } from '../refusal.ts'
import { said } from '../refusal.ts'
import type { RegionState, SimRelease } from '../state.ts'
import { compareVersions, runningRelease } from '../versions.ts'

/** Master's parts of a product, in its metadata's order. */
export const components = ['base', 'k8s', 'infra'] as const

/** `releases` as upstream reads it: a text is taken letter by letter (recording m-precheck-string-release). */
export function releaseList(given: unknown): string[] {
  if (given === undefined || given === null) return []
  if (typeof given === 'string') return [...new Set(given)]
  return Array.isArray(given) ? [...new Set(given.map(String))] : []
}

/** `POST /v1/deploy/select`; its complaints are answered with 200. */
export function select(state: RegionState, ids: readonly string[]): Message {
  return choose(state, ids).message
}

/** `POST /v1/deploy/unselect`. */
export function unselect(state: RegionState, ids: readonly string[], all: boolean): Message {
  if (state.deployment) return said('', 'Unselect is blocked when a deployment is in progress\n')
  const unknown = ids.filter((id) => !productOf(state, id))
  if (!all && unknown.length > 0) return said('', `Releases not found: ${unknown.join(', ')}\n`)
  const products = all
    ? state.releases.filter((release) => release.selected)
    : ids.flatMap((id) => productOf(state, id) ?? [])
  return said(products.map(unselectProduct).join(''))
}

function unselectProduct(product: SimRelease): string {
  const wasSelected = product.selected !== undefined
  delete product.selected
  return metapackagesOf(product)
    .map((id) =>
      wasSelected ? `Unselected metapackage ${id} for deployment\n` : `Metapackage ${id} is not selected\n`,
    )
    .join('')
}

/** A selection and how it went. */
export interface Choice {
  readonly message: Message
  /** What the next `start` deploys, or removes. */
  readonly products: readonly SimRelease[]
}

/** Selects what the ids name, as select, precheck and start all do. */
export function choose(state: RegionState, ids: readonly string[]): Choice {
  const no = (error: string): Choice => ({ message: said('', `${error}\n`), products: [] })
  if (state.deployment) return no('Select is blocked when a deployment is in progress')
  if (ids.length === 0) return no('No releases were passed for select, unable to proceed')
  const unknown = ids.filter((id) => !productOf(state, id))
  if (unknown.length > 0) return no(`Releases not found: ${unknown.join(', ')}`)
  const targets = [...new Set(ids.flatMap((id) => productOf(state, id) ?? []))]
  const [target] = targets
  if (!target || targets.length > 1) {
    const versions = targets.map((product) => product.swVersion).sort()
    return no(
      'Selected metapackages must belong to the same product release, ' +
        `but found versions: ${versions.join(', ')}`,
    )
  }
  const whole = ids.includes(target.id) || metapackagesOf(target).every((id) => ids.includes(id))
  if (!whole) {
    return no(
      `Metapackages ${[...ids].sort().join(', ')} can be deployed only by selecting its product release`,
    )
  }
  const running = runningRelease(state)
  if (target === running) return no(`Cannot deploy the current running release: ${target.id}`)
  const applies = !running || compareVersions(target.swVersion, running.swVersion) > 0
  const products = applies ? [target] : above(state, target)
  const dropped = state.releases.filter((release) => release.selected && !products.includes(release))
  const info = dropped.map(unselectProduct).concat(products.map((product) => mark(product, applies)))
  return { message: said(info.join('')), products }
}

function mark(product: SimRelease, applies: boolean): string {
  const chosen = product.selected !== undefined
  product.selected = applies ? 'deploy-selected' : 'remove-selected'
  return metapackagesOf(product)
    .map((id) =>
      chosen ? `Metapackage ${id} is already selected\n` : `Selected ${id} metapackage for deployment\n`,
    )
    .join('')
}

/** Deployed and newer than the one to go back to, newest last. */
function above(state: RegionState, target: SimRelease): SimRelease[] {
  return state.releases
    .filter(
      (release) => release.state === 'deployed' && compareVersions(release.swVersion, target.swVersion) > 0,
    )
    .sort((a, b) => compareVersions(a.swVersion, b.swVersion))
}

/** The ids of a product's metapackages. */
export function metapackagesOf(product: SimRelease): string[] {
  return components.map((name) => `${name}_${product.swVersion}`)
}

/** A product by its own id or by that of one of its metapackages. */
export function productOf(state: RegionState, id: string): SimRelease | undefined {
  return state.releases.find(
    (release) => release.kind === 'product' && (release.id === id || metapackagesOf(release).includes(id)),
  )
}
