import type { Json } from './json.ts'

/** A question about regions that replay recordings, and every byte of meaning in its answer. */
export interface WholeAnswer {
  readonly ask: string
  /** One: the one-region shape. Several: merged. Each is named after the recording that it replays. */
  readonly regions: readonly [string, ...string[]]
  readonly body: Json
}

export const usm9Answers: readonly WholeAnswer[] = [
  {
    ask: '/v1/release',
    regions: ['usm-stx9.0-query-after-delete-via-GET'],
    body: [
      {
        release_id: 'starlingx-23.09.1',
        state: 'available',
        sw_version: '23.09.1',
        status: 'REL',
        unremovable: false,
        summary: 'starlingx-23.09.1 release',
        description: 'starlingx-23.09.1 description, with <markup> & unicode é',
        install_instructions: '',
        warnings: '',
        apply_active_release_only: '',
        reboot_required: false,
        requires: ['starlingx-23.09.0'],
        packages: ['platform-kickstarts_1.0.stx.6_all.deb', 'sysinv_1.0-1.stx.1_amd64.deb'],
        region_name: 'usm-stx9.0-query-after-delete-via-GET',
      },
    ],
  },
  {
    ask: '/v1/release/starlingx-23.09.1',
    regions: ['usm-stx9.0-auth-reader'],
    body: {
      release_id: 'starlingx-23.09.1',
      state: 'available',
      sw_version: '23.09.1',
      status: 'REL',
      unremovable: false,
      summary: 'starlingx-23.09.1 release',
      description: 'starlingx-23.09.1 description, with <markup> & unicode é',
      install_instructions: '',
      warnings: '',
      apply_active_release_only: '',
      reboot_required: false,
      requires: ['starlingx-23.09.0'],
      packages: ['platform-kickstarts_1.0.stx.6_all.deb', 'sysinv_1.0-1.stx.1_amd64.deb'],
      region_name: 'usm-stx9.0-auth-reader',
    },
  },
  {
    ask: '/v1/software/in_sync_controller',
    regions: ['usm-stx9.0-in_sync'],
    body: { in_sync: true, region_name: 'usm-stx9.0-in_sync' },
  },
  {
    ask: '/v1/release/starlingx-23.09.1/is_available',
    regions: ['usm-stx9.0-query-after-delete-via-GET', 'usm-stx9.0-auth-reader'],
    body: [
      { region_name: 'usm-stx9.0-auth-reader', is_available: true },
      { region_name: 'usm-stx9.0-query-after-delete-via-GET', is_available: true },
    ],
  },
  {
    ask: '/v1/release?show=deployed',
    regions: ['usm-stx9.0-query-after-delete-via-GET'],
    body: [],
  },
]

export const usm10to12Answers: readonly WholeAnswer[] = [
  {
    ask: '/v1/release?show=deployed&release=24.9',
    regions: ['usm-stx10.0-state-fresh-releases'],
    body: [
      {
        release_id: 'starlingx-24.09.0',
        state: 'deployed',
        sw_version: '24.09.0',
        component: 'starlingx',
        status: 'REL',
        unremovable: true,
        summary: 'STX 24.09 GA release',
        description: 'starlingx-24.09.0 description, with <markup> & unicode é',
        install_instructions: '',
        warnings: '',
        reboot_required: true,
        prepatched_iso: false,
        requires: [],
        packages: [],
        activation_scripts: [],
        region_name: 'usm-stx10.0-state-fresh-releases',
      },
    ],
  },
  {
    ask: '/v1/deploy',
    regions: ['usm-stx11.0-state-start-deploy'],
    body: [
      {
        from_release: '25.09.0',
        to_release: '25.09.1',
        feed_repo: '/var/www/pages/feed/rel-25.09/ostree_repo',
        commit_id: '1111111111111111111111111111111111111111111111111111111111111111',
        reboot_required: false,
        state: 'start',
        options: {},
        major_release: false,
        prepatched_iso: false,
        apply_operation: true,
        region_name: 'usm-stx11.0-state-start-deploy',
      },
    ],
  },
  {
    ask: '/v1/deploy_host',
    regions: ['usm-stx11.0-state-host-failed-deploy_host'],
    body: [
      {
        hostname: 'controller-0',
        software_release: '25.09.0',
        target_release: '25.09.1',
        reboot_required: false,
        host_state: 'deployed',
        region_name: 'usm-stx11.0-state-host-failed-deploy_host',
      },
      {
        hostname: 'controller-1',
        software_release: '25.09.0',
        target_release: '25.09.1',
        reboot_required: false,
        host_state: 'failed',
        region_name: 'usm-stx11.0-state-host-failed-deploy_host',
      },
      {
        hostname: 'compute-0',
        software_release: '25.09.0',
        target_release: '25.09.1',
        reboot_required: false,
        host_state: 'pending',
        region_name: 'usm-stx11.0-state-host-failed-deploy_host',
      },
    ],
  },
  {
    ask: '/usm/v1/deploy',
    regions: ['usm-stx12.0-abort-05-deploy'],
    body: [
      {
        from_release: '26.03.1',
        to_release: '26.03.0',
        feed_repo: '/var/www/pages/feed/rel-26.03/ostree_repo',
        commit_id: '7f381f18890de1a5e73376f539608cd02600b3470e02d1639db8f57a0ebaae9c',
        reboot_required: false,
        state: 'host-rollback-done',
        options: {},
        major_release: false,
        prepatched_iso: false,
        apply_operation: false,
        region_name: 'usm-stx12.0-abort-05-deploy',
      },
    ],
  },
  {
    ask: '/v1/deploy/software_upgrade',
    regions: ['usm-stx12.0-state-host-done-software_upgrade'],
    body: {
      from_release: '26.03',
      to_release: '26.03',
      state: 'host-done',
      region_name: 'usm-stx12.0-state-host-done-software_upgrade',
    },
  },
]

export const usmMasterAnswers: readonly WholeAnswer[] = [
  {
    ask: '/v1/deploy',
    regions: ['usm-master-state-fresh-deploy', 'usm-master-state-activate-deploy'],
    body: [
      {
        metapackages: [
          ['base', '26.10.0', '26.10.1'],
          ['k8s', '26.10.0', '26.10.1'],
          ['infra', '26.10.0', '26.10.1'],
        ],
        from_release: '26.10.0',
        to_release: '26.10.1',
        feed_repo: '/var/www/pages/feed/rel-26.10/ostree_repo',
        commit_id: '1111111111111111111111111111111111111111111111111111111111111111',
        reboot_required: false,
        state: 'activate',
        pre_upgrade_deploy: false,
        options: {},
        initial_kube_version: '',
        product_deploy: true,
        major_release: false,
        prepatched_iso: false,
        apply_operation: true,
        region_name: 'usm-master-state-activate-deploy',
      },
    ],
  },
  {
    ask: '/v1/software_upgrade',
    regions: ['usm-master-state-activate-failed-software_upgrade', 'usm-master-state-fresh-software_upgrade'],
    body: [
      {
        from_release: '26.10',
        to_release: '26.10',
        state: 'activate-failed',
        pre_upgrade_deploy: false,
        region_name: 'usm-master-state-activate-failed-software_upgrade',
      },
    ],
  },
  {
    ask: '/v1/software_upgrade',
    regions: ['usm-master-state-fresh-software_upgrade'],
    body: null,
  },
  {
    ask: '/v1/deploy_host',
    regions: ['usm-master-flow-20-completed-deploy_host'],
    body: [
      {
        hostname: 'controller-0',
        software_release: '26.10.0',
        target_release: '26.10.1',
        reboot_required: false,
        pre_upgrade_deploy: false,
        host_state: 'deployed',
        region_name: 'usm-master-flow-20-completed-deploy_host',
      },
    ],
  },
  {
    ask: '/v1/release/starlingx-26.10.1/is_deployed',
    regions: ['usm-master-state-empty-releases'],
    body: false,
  },
]
