import type { WholeAnswer } from './whole-answer.ts'

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
