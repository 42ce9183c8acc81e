import { generation } from '../region/release.ts'
import type { Deployment, RegionState, SimRelease } from '../region/state.ts'
import { components } from '../region/usm/metapackages.ts'
import { majorOf } from '../region/versions.ts'

/** A record of `GET /v1/release`; its keys differ by release (recordings release-list, state-weird-releases). */
export function releaseRecord(release: SimRelease, state: RegionState): Record<string, unknown> {
  const age = generation(state.release)
  const text = (value: string) => (release.kind === 'product' || release.texts === 'missing' ? null : value)
  const common = {
    release_id: release.id,
    state: release.state,
    sw_version: release.swVersion,
    component: text('starlingx'),
    status: text('REL'),
    unremovable: release.unremovable,
    summary: text(release.summary),
    description: text(`${release.id} description, with <markup> & unicode é`),
    install_instructions: text(''),
    warnings: text(release.warnings),
    reboot_required: release.rebootRequired,
    prepatched_iso: false,
    ...(age >= 11 ? { preinstalled_patches: [] } : {}),
    requires: release.requires,
  }
  const scripts = { activation_scripts: release.activationScripts }
  if (age < 99) return { ...common, packages: release.packages, ...scripts }
  return {
    ...common,
    activation_scripts: release.kind === 'product' ? [] : release.activationScripts,
    metapackages: release.kind === 'product' ? metapackageStates(release) : {},
    pre_upgrade_deploy: {},
    packages: release.packages,
  }
}

function metapackageStates(release: SimRelease): Record<string, unknown> {
  return Object.fromEntries(
    components.map((name) => [`${name}_${release.swVersion}`, { state: metapackageState(release) }]),
  )
}

/** A selection shows in the parts only: the product stays available, or deployed. */
function metapackageState(product: SimRelease): string {
  return product.selected ?? product.state
}

/** A record of master's `GET /v1/release/metapackage` (recording m-release-metapackage). */
export function metapackageRecords(product: SimRelease): Record<string, unknown>[] {
  return components.map((name, i) => ({
    release_id: `${name}_${product.swVersion}`,
    state: metapackageState(product),
    sw_version: product.swVersion,
    component: name,
    status: null,
    unremovable: false,
    summary: `${name} ${product.swVersion}`,
    description: '',
    install_instructions: null,
    warnings: null,
    reboot_required: product.rebootRequired,
    prepatched_iso: false,
    preinstalled_patches: [],
    requires: [],
    activation_scripts: [],
    metapackages: {},
    pre_upgrade_deploy: {},
    packages: product.packages.filter((_, position) => position % components.length === i),
  }))
}

/** The record of `GET /v1/deploy` (recordings state-host-deploy, master abort-02-deploy). */
export function deployRecord(deployment: Deployment, state: RegionState): Record<string, unknown> {
  const age = generation(state.release)
  const { from, to } = deployment
  const major = majorOf(from) !== majorOf(to)
  const common = {
    from_release: from,
    to_release: to,
    feed_repo: `/var/www/pages/feed/rel-${majorOf(to)}/ostree_repo`,
    commit_id: deployment.commitId,
    reboot_required: deployment.rebootRequired,
    state: deployment.state,
  }
  if (age < 11) return common
  const kinds = { major_release: major, prepatched_iso: false, apply_operation: deployment.applies }
  const options = deployment.options ?? {}
  if (age < 99) return { ...common, options, ...kinds }
  // A start over the network lists them by name and knows Kubernetes (recording flow-04-starting-deploy).
  const names = deployment.byRequest ? components.toSorted() : components
  const kubernetes = deployment.byRequest === true && deployment.applies
  return {
    metapackages: names.map((name) => [name, from, to]),
    ...common,
    pre_upgrade_deploy: false,
    options,
    initial_kube_version: kubernetes ? 'v1.29.2' : '',
    product_deploy: true,
    ...kinds,
  }
}

/** The object of `GET /v1/deploy/software_upgrade`: MM.mm only (recording state-major-host-software_upgrade). */
export function softwareUpgrade(deployment: Deployment, state: RegionState): Record<string, unknown> {
  return {
    from_release: majorOf(deployment.from),
    to_release: majorOf(deployment.to),
    state: deployment.state,
    ...(generation(state.release) >= 99 ? { pre_upgrade_deploy: false } : {}),
  }
}

/** The records of `GET /v1/deploy_host` (recordings state-host-deploy_host, state-start-deploy_host). */
export function deployHostRecords(deployment: Deployment, state: RegionState): Record<string, unknown>[] {
  return deployment.hosts.map((host) => ({
    hostname: host.hostname,
    software_release: deployment.from,
    target_release: host.state === null ? null : deployment.to,
    reboot_required: host.state === null ? null : deployment.rebootRequired,
    ...(generation(state.release) >= 99 ? { pre_upgrade_deploy: false } : {}),
    host_state: host.state,
  }))
}
