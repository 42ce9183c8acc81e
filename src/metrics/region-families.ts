import type { Family } from './exposition.ts'
import {
  apiOf,
  flag,
  freshReleases,
  hostFlag,
  hostsByState,
  instant,
  itemsOf,
  outcomesOf,
  releasesByState,
  type Sample,
  type Told,
} from './region-samples.ts'

/** A family with samples of one region. */
export interface RegionFamily extends Family {
  /** The names of the labels, for the documentation; `label_*` stands for those that are configured. */
  readonly labels: readonly string[]
  /** Label values come from the region's own words: they are bounded in number and length. */
  readonly ownWords?: true
  readonly of: (told: Told) => readonly Sample[]
}

/** Every series with a `region_name`, in the order of the exposition. */
export const regionFamilies: readonly RegionFamily[] = [
  {
    name: 'stx_region_info',
    type: 'info',
    help: 'A region of the inventory. api: the dialects of its last good answers; sw_version: what it was last known to run; label_*: labels of the inventory.',
    labels: ['region_name', 'subcloud_name', 'api', 'sw_version', 'label_*'],
    of: ({ view, labels }) => [
      [
        {
          subcloud_name: view.region.subcloud,
          api: apiOf(view),
          sw_version: view.swVersion,
          ...labels,
        },
        1,
      ],
    ],
  },
  {
    name: 'stx_region_up',
    type: 'gauge',
    help: 'Whether the last attempt got a usable answer; absent before the first one, and while the region is skipped.',
    labels: ['region_name'],
    of: ({ view }) => flag(view.up),
  },
  {
    name: 'stx_region_patch_current',
    type: 'gauge',
    help: 'Whether every host runs what its region has deployed or applied; absent when unknown or not fresh, which is not current.',
    labels: ['region_name'],
    of: ({ view }) => flag(view.patchCurrent),
  },
  {
    name: 'stx_region_at_baseline',
    type: 'gauge',
    help: 'Whether the region is not behind the baseline; absent when unknown, or without a baseline.',
    labels: ['region_name'],
    of: ({ view }) => flag(view.atBaseline),
  },
  {
    name: 'stx_region_observed_timestamp_seconds',
    type: 'gauge',
    help: 'When the last good answer was received, seconds since the epoch; its age is time() minus this. Absent before the first one.',
    labels: ['region_name', 'resource'],
    of: ({ view }) =>
      outcomesOf(view).flatMap(([resource, outcome]) =>
        'provenance' in outcome ? [[{ resource }, outcome.provenance.observedAt / 1000]] : [],
      ),
  },
  {
    name: 'stx_region_failure_info',
    type: 'info',
    help: 'Why what is held of a resource is stale, or nothing is held of it; absent while it is fresh.',
    labels: ['region_name', 'resource', 'kind'],
    of: ({ view }) =>
      outcomesOf(view).flatMap(([resource, outcome]) =>
        'failure' in outcome ? [[{ resource, kind: outcome.failure.kind }, 1]] : [],
      ),
  },
  {
    name: 'stx_region_backoff',
    type: 'gauge',
    help: 'Whether the region is left alone for a while as it failed.',
    labels: ['region_name'],
    of: ({ backedOff }) => flag(backedOff),
  },
  {
    name: 'stx_region_hosts',
    type: 'gauge',
    help: 'Hosts by what is known of them: current, not_current, failed (to be patched), unknown; absent where no host is known.',
    labels: ['region_name', 'state'],
    of: hostsByState,
  },
  {
    name: 'stx_region_releases',
    type: 'gauge',
    help: 'Releases (USM) and patches (Patching) by state; absent while that is not fresh.',
    labels: ['region_name', 'state'],
    of: releasesByState,
  },
  {
    name: 'stx_region_release_info',
    type: 'info',
    help: 'A release or patch that the region knows, and its state there; absent while that is not fresh.',
    labels: ['region_name', 'release_id', 'state'],
    ownWords: true,
    of: ({ view }) => freshReleases(view).map(({ id, state }) => [{ release_id: id, state }, 1]),
  },
  {
    name: 'stx_region_deployment_info',
    type: 'info',
    help: "A deployment under way, with the region's own word for its state; absent where there is none, or while that is not fresh.",
    labels: ['region_name', 'from_release', 'to_release', 'state'],
    ownWords: true,
    of: ({ view }) =>
      itemsOf(view.outcomes.deploy).map(({ from_release, to_release, native_state }) => [
        { from_release, to_release, state: native_state ?? 'unknown' },
        1,
      ]),
  },
  {
    name: 'stx_tls_not_after_timestamp_seconds',
    type: 'gauge',
    help: 'The earliest end of the certificates that the services of the region showed; absent without TLS, and before the first connection.',
    labels: ['region_name'],
    of: ({ certificateEndsAt }) => instant(certificateEndsAt),
  },
  {
    name: 'stx_keystone_password_expiry_timestamp_seconds',
    type: 'gauge',
    help: "When the gateway's own password ends at the region's Keystone; absent where it does not end.",
    labels: ['region_name'],
    of: ({ passwordExpiresAt }) => instant(passwordExpiresAt),
  },
  {
    name: 'stx_host_patch_current',
    type: 'gauge',
    help: 'Whether a host runs what its region has applied; absent when unknown or not fresh.',
    labels: ['region_name', 'hostname', 'node_type'],
    ownWords: true,
    of: hostFlag(({ patch_current }) => patch_current),
  },
  {
    name: 'stx_host_requires_reboot',
    type: 'gauge',
    help: 'Whether a host must be rebooted to run what is applied; absent when unknown or not fresh.',
    labels: ['region_name', 'hostname', 'node_type'],
    ownWords: true,
    of: hostFlag(({ reboot_required }) => reboot_required),
  },
  {
    name: 'stx_host_patch_failed',
    type: 'gauge',
    help: 'Whether the last attempt to patch a host failed; absent when unknown or not fresh.',
    labels: ['region_name', 'hostname', 'node_type'],
    ownWords: true,
    of: hostFlag(({ patch_failed }) => patch_failed),
  },
]
