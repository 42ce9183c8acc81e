import type { Message } from '../refusal.ts'
import { Refusal, said } from '../refusal.ts'
import { releaseFacts } from '../release.ts'
import type { RegionState } from '../state.ts'
import { metapackagesOf } from './metapackages.ts'
import { existing, isMajor } from './precheck.ts'

/** `POST /v1/system_deploy/{id}/init` of master: simplex, major releases, one at a time. */
export function initSystemDeploy(state: RegionState, release: string, kubeVersion: string): Message {
  const wrong = objection(state, release, kubeVersion)
  if (wrong !== '') return said('', wrong)
  let target
  try {
    target = existing(state, release)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return said('', `${error.error}\nFailed to init system-deploy.\n`)
  }
  if (!isMajor(state, target)) {
    const { version } = releaseFacts[state.release]
    return said(
      '',
      'System deploy is supported only for major release, ' +
        `but '${version}' to '${target.swVersion}' is not a major release upgrade`,
    )
  }
  if (state.mishaps.has('unhealthy')) {
    const list = metapackagesOf(target).map((id) => `${id}:\n`)
    return said('', `${list.join('')}Please fix above issues then retry the deploy.\n`)
  }
  state.systemDeploy = {
    id: `5d1f0000-0000-4000-8000-${state.baseCommit.slice(0, 12)}`,
    to_release: target.id,
    to_k8s_version: kubeVersion === '' || kubeVersion.startsWith('v') ? kubeVersion : `v${kubeVersion}`,
  }
  return said(
    'Created system-deploy entity\nLVM snapshots created successfully\nBacked up K8s manifest\n' +
      'Backed up containerd config\n',
  )
}

function objection(state: RegionState, release: string, kubeVersion: string): string {
  if (state.hostnames.length > 1) return "'system-deploy init' is only supported on simplex systems"
  if (state.systemDeploy) return 'A system deploy is already in progress'
  if (state.deployment) return 'A software deployment is already in progress'
  if (kubeVersion !== '' && !/^v?\d{1,2}\.\d{1,2}\.\d{1,2}$/.test(kubeVersion)) {
    return `Invalid kube_version '${kubeVersion}': must match '[v]n.n.n'`
  }
  if (release.includes('26.03')) {
    return (
      `Upgrading to release '${release}' using the P&K approach is not supported. ` +
      'Please use the legacy upgrade method.'
    )
  }
  return ''
}

/** `DELETE /v1/system_deploy`. */
export function deleteSystemDeploy(state: RegionState): Message {
  if (!state.systemDeploy) throw new Refusal('There is no system deploy in progress to be deleted.')
  if (state.deployment) {
    throw new Refusal('Cannot delete system-deploy while a software deploy is in progress.')
  }
  state.systemDeploy = null
  return said('')
}
