import type { WholeAnswer } from './whole-answer.ts'

export const ostreePatchingAnswers: readonly WholeAnswer[] = [
  {
    ask: '/v1/query_hosts',
    regions: ['patching-stx9.0-query_hosts-before-detail'],
    body: {
      data: [
        {
          ip: '192.168.204.2',
          hostname: 'controller-0',
          patch_current: true,
          secs_since_ack: 2,
          patch_failed: false,
          stale_details: false,
          latest_sysroot_commit: '0821b399d6674bc0f6fe6692b3775f068130bcd267a06ecc0017d24bbec2f111',
          nodetype: 'controller',
          subfunctions: ['controller'],
          sw_version: '23.09',
          state: 'idle',
          requires_reboot: false,
          allow_insvc_patching: true,
          interim_state: false,
          region_name: 'patching-stx9.0-query_hosts-before-detail',
        },
        {
          ip: '192.168.204.109',
          hostname: 'worker-9',
          patch_current: true,
          secs_since_ack: 2,
          patch_failed: false,
          stale_details: true,
          latest_sysroot_commit: null,
          nodetype: null,
          subfunctions: [],
          sw_version: '23.09',
          state: 'idle',
          requires_reboot: false,
          allow_insvc_patching: true,
          interim_state: false,
          region_name: 'patching-stx9.0-query_hosts-before-detail',
        },
      ],
    },
  },
  {
    ask: '/v1/query_hosts',
    regions: ['patching-stx8.0-query_hosts-empty'],
    body: { data: [] },
  },
  {
    ask: '/v1/show/NOPE',
    regions: ['patching-stx8.0-show-unknown'],
    body: {
      metadata: {},
      contents: {},
      error: 'NOPE is unrecognized\n',
      region_name: 'patching-stx8.0-show-unknown',
    },
  },
  {
    ask: '/v1/show/STX_24.09_PATCH_0099_MINIMAL',
    regions: ['patching-stx10.0-show-minimal-metadata'],
    body: {
      metadata: {
        'STX_24.09_PATCH_0099_MINIMAL': {
          repostate: 'Available',
          patchstate: 'Available',
          sw_version: '24.09',
          status: 'DEV',
          reboot_required: 'Y',
          requires: [],
        },
      },
      contents: {
        'STX_24.09_PATCH_0099_MINIMAL': {
          number_of_commits: '1',
          base: {
            commit: 'f7defa55a61b14a570182ee0f712b57dedb2919620a25b5094e2a1e8a29f4097',
            checksum: 'd3f3ac02523eb5c67117eb5eb8db2d0c50ac5b1bd30bc3df2d553613ef6f5d5e',
          },
          commit1: {
            commit: 'e78ccc6ae51c87ede1a62aeab02e2d9cc7b7745d1d0c2fd42ac4d493fbeffbad',
            checksum: 'f033bf8924219e7a3962ee628ae038679f5c2cf99f885120332cd7ae0ab4fe62',
          },
        },
      },
      error: '',
      region_name: 'patching-stx10.0-show-minimal-metadata',
    },
  },
  {
    ask: '/v1/query?release=21.12',
    regions: ['patching-stx8.0-query-no-hosts', 'patching-stx8.0-query-mixed'],
    body: {
      pd: {
        'TS_21.12_PATCH_0007': {
          repostate: 'Available',
          patchstate: 'Available',
          sw_version: '21.12',
          status: 'REL',
          unremovable: 'N',
          summary: 'old rpm patch',
          description: 'old',
          install_instructions: '',
          warnings: '',
          apply_active_release_only: 'Y',
          reboot_required: 'Y',
          requires: [],
          regions: {
            'patching-stx8.0-query-no-hosts': { patchstate: 'n/a', repostate: 'Available' },
            'patching-stx8.0-query-mixed': { patchstate: 'Available', repostate: 'Available' },
          },
          differs: [],
        },
      },
    },
  },
]
