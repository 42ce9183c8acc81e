import { said } from '../region/refusal.ts'
import { releaseList, select, unselect } from '../region/usm/metapackages.ts'
import type { ListCall } from '../region/usm/products.ts'
import { precheckReleases, startReleases } from '../region/usm/products.ts'
import { deleteSystemDeploy, initSystemDeploy } from '../region/usm/systemDeploy.ts'
import { errorIs406 } from './outcome.ts'
import { textArgument } from './parameters.ts'
import type { Action, WriteCall } from './usmWrites.ts'

/** What master has under `/v1/deploy` instead of a release in the path. */
export const productActions: Readonly<Record<string, Action>> = {
  precheck: {
    statusOf: errorIs406,
    handle: (call) => noneBefore(call) ?? precheckReleases(call.state, listCall(call)),
  },
  start: {
    // A release in the path arrives as `releases` (recording m-start-legacy-path).
    args: [0, 2],
    statusOf: errorIs406,
    handle: (call) => noneBefore(call) ?? startReleases(call.state, listCall(call)),
  },
  select: {
    handle: (call) => noneBefore(call) ?? select(call.state, releaseList(call.given['releases'])),
  },
  unselect: {
    handle: (call) => {
      const { releases, unselect_all: all } = call.given
      return noneBefore(call) ?? unselect(call.state, releaseList(releases), Boolean(all))
    },
  },
}

/** `system_deploy` of master. */
export const systemDeployActions: Readonly<Record<string, Action>> = {
  init: {
    args: [1, 2],
    statusOf: errorIs406,
    handle: ({ state, args: [id = '', kube], given }) =>
      initSystemDeploy(state, id, kube ?? textArgument(given['kube_version']) ?? ''),
  },
  delete: { handle: ({ state }) => deleteSystemDeploy(state) },
}

function listCall({ args, given, now }: WriteCall): ListCall {
  const force = args[1] ?? given['force'] ?? undefined
  const releases = releaseList(args[0] ?? given['releases'])
  return { releases, forced: force !== undefined, options: given['options'], now }
}

/** No product here has metapackages to be deployed before an upgrade. */
function noneBefore({ given }: WriteCall): unknown {
  if (!given['pre_upgrade_deploy']) return undefined
  const [release] = releaseList(given['releases'])
  return said(
    '',
    release === undefined
      ? 'No releases were passed for pre-upgrade-deploy select\n'
      : `Product release ${release} has no pre-upgrade-deploy metapackages\n`,
  )
}
