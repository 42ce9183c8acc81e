import type { RegionView } from '../../fleet/view.ts'
import { deploymentStates, type Deployment } from '../../model/facts.ts'
import type { Field } from './fields.ts'
import { ageColumns, regionColumns, versionOf } from './region-columns.ts'
import { toResource } from './resource.ts'

interface DeploymentRow {
  readonly region: RegionView
  readonly deployment: Deployment
  /** ms since the epoch */
  readonly observedAt: number
  readonly stale: boolean
}

const fields: readonly Field<DeploymentRow>[] = [
  ...regionColumns<DeploymentRow>(({ region }) => region.region),
  {
    name: 'from_release',
    type: 'version',
    nullable: true,
    about: 'What the region is moved from. After an abort it is what the region was to be moved to.',
    get: ({ deployment }) => versionOf(deployment.from_release),
  },
  {
    name: 'to_release',
    type: 'version',
    nullable: true,
    about: 'What the region is moved to.',
    get: ({ deployment }) => versionOf(deployment.to_release),
  },
  {
    name: 'state',
    type: 'string',
    values: deploymentStates,
    about: 'Its phase (docs/facts.md).',
    get: ({ deployment }) => deployment.state,
  },
  {
    name: 'native_state',
    type: 'string',
    nullable: true,
    about: "The region's own word.",
    get: ({ deployment }) => deployment.native_state,
  },
  {
    name: 'reboot_required',
    type: 'boolean',
    nullable: true,
    about: 'Whether hosts are rebooted for it.',
    get: ({ deployment }) => deployment.reboot_required,
  },
  {
    name: 'hosts_total',
    type: 'number',
    nullable: true,
    about: 'Hosts that take part; null where USM has not told.',
    get: ({ region }) => hostsOf(region)?.length ?? null,
  },
  {
    name: 'hosts_deployed',
    type: 'number',
    nullable: true,
    about: 'Of these, done.',
    get: ({ region }) => hostsOf(region)?.filter(({ state }) => state === 'deployed').length ?? null,
  },
  {
    name: 'hosts_failed',
    type: 'number',
    nullable: true,
    about: 'Of these, failed.',
    get: ({ region }) => hostsOf(region)?.filter(({ state }) => state === 'failed').length ?? null,
  },
  ...ageColumns<DeploymentRow>((row) => row),
]

/** Every deployment that some region tells of. */
export const deployments = toResource<DeploymentRow>({
  path: 'deployments',
  byRegion: true,
  about: 'Every deployment that some region tells of. Only USM has them, at most one for a region.',
  parts: ['deploy'],
  fields,
  rows: ({ regions }) => regions.flatMap(({ region }) => rowsOf(region)),
})

function rowsOf(region: RegionView): readonly DeploymentRow[] {
  const { deploy } = region.outcomes
  if (deploy === undefined || !('reading' in deploy)) return []
  const { observedAt } = deploy.provenance
  return region.deployments.map((deployment) => {
    return { region, deployment, observedAt, stale: deploy.status !== 'fresh' }
  })
}

function hostsOf({ outcomes: { deploy_host } }: RegionView) {
  return deploy_host && 'reading' in deploy_host ? deploy_host.reading.items : undefined
}
