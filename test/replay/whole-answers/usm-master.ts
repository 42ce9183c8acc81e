import type { WholeAnswer } from './whole-answer.ts'

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
