import { expect, test } from 'vitest'
import { toPatch, toPatchingHost } from '../../src/upstream/facts-patching.ts'
import { toDeployHost, toDeployment, toRelease } from '../../src/upstream/facts-usm.ts'

const release = {
  release_id: 'starlingx-24.09.1',
  state: 'deployed',
  sw_version: '24.09.1',
  reboot_required: true,
  requires: ['starlingx-24.09.0'],
}

test('a release', () => {
  expect(toRelease(release)).toEqual({
    id: 'starlingx-24.09.1',
    kind: 'release',
    sw_version: '24.09.1',
    state: 'deployed',
    native_state: 'deployed',
    reboot_required: true,
    requires: ['starlingx-24.09.0'],
  })
})

test.each([
  ['available', 'available'],
  ['unavailable', 'unavailable'],
  ['deploying', 'deploying'],
  ['deployed', 'deployed'],
  ['removing', 'removing'],
  ['committed', 'committed'],
  ['uploading', 'unavailable'],
  ['upload-failed', 'unavailable'],
  ['deployed-partial', 'deploying'],
  ['deploying-start', 'deploying'],
  ['deploying-host', 'deploying'],
  ['deploying-activate', 'deploying'],
  ['deploying-complete', 'deploying'],
  ['deploy-selected', 'available'],
  ['remove-selected', 'deployed'],
  ['Deployed', 'unknown'],
  ['a state of tomorrow', 'unknown'],
  ['constructor', 'unknown'],
  ['', 'unknown'],
])('a release that its region calls "%s" is %s', (native, state) => {
  expect(toRelease({ ...release, state: native })).toMatchObject({ state, native_state: native })
})

test('what a release does not tell is unknown', () => {
  expect(toRelease({ release_id: 'r' })).toEqual({
    id: 'r',
    kind: 'release',
    sw_version: null,
    state: 'unknown',
    native_state: null,
    reboot_required: null,
    requires: [],
  })
})

test('a deployment, and one that tells nothing', () => {
  const deployment = { from_release: '24.09.0', to_release: '24.09.1', state: 'host', reboot_required: false }
  expect(toDeployment(deployment)).toEqual({
    from_release: '24.09.0',
    to_release: '24.09.1',
    state: 'deploying',
    native_state: 'host',
    reboot_required: false,
  })
  expect(toDeployment({})).toEqual({
    from_release: null,
    to_release: null,
    state: 'unknown',
    native_state: null,
    reboot_required: null,
  })
})

const deployHost = {
  hostname: 'controller-0',
  software_release: '24.09.0',
  target_release: '24.09.1',
  reboot_required: true,
  host_state: 'deployed',
}

test('a host of a deployment', () => {
  expect(toDeployHost(deployHost)).toEqual({
    hostname: 'controller-0',
    node_type: null,
    sw_version: '24.09.0',
    target_version: '24.09.1',
    patch_current: true,
    state: 'deployed',
    native_state: 'deployed',
    reboot_required: true,
    patch_failed: false,
    last_seen_s: null,
    derived_from: 'usm-deploy-host',
  })
})

test.each([
  ['deployed', true, false],
  ['pending', false, false],
  ['deploying', false, false],
  ['failed', false, true],
  ['rollback-pending', false, false],
  ['rollback-deploying', false, false],
  ['rollback-deployed', false, false],
  ['rollback-failed', false, true],
  ['a state of tomorrow', false, false],
])('a host of a deployment that is "%s": patch-current %s, failed %s', (state, current, failed) => {
  expect(toDeployHost({ ...deployHost, host_state: state })).toMatchObject({
    patch_current: current,
    patch_failed: failed,
    native_state: state,
  })
})

test('a host of a deployment whose state is null is not deployed, and not failed as far as known', () => {
  expect(
    toDeployHost({ ...deployHost, host_state: null, target_release: null, reboot_required: null }),
  ).toMatchObject({
    patch_current: false,
    patch_failed: null,
    native_state: null,
    target_version: null,
    reboot_required: null,
  })
})

const patch = {
  repostate: 'Applied',
  patchstate: 'Partial-Apply',
  sw_version: '22.12',
  reboot_required: 'N',
  requires: ['STX_22.12_PATCH_0001'],
}

test('a patch', () => {
  expect(toPatch('STX_22.12_PATCH_0002', patch)).toEqual({
    id: 'STX_22.12_PATCH_0002',
    kind: 'patch',
    sw_version: '22.12',
    state: 'deploying',
    native_state: 'Partial-Apply',
    native_repostate: 'Applied',
    reboot_required: false,
    requires: ['STX_22.12_PATCH_0001'],
  })
})

test.each([
  ['Available', 'available'],
  ['Partial-Apply', 'deploying'],
  ['Applied', 'deployed'],
  ['Partial-Remove', 'removing'],
  ['Committed', 'committed'],
  ['n/a', 'unknown'],
  ['Partial-Removed', 'unknown'],
  ['applied', 'unknown'],
])('a patch that its region calls "%s" is %s', (native, state) => {
  expect(toPatch('P', { ...patch, patchstate: native })).toMatchObject({ state, native_state: native })
})

test.each([
  ['Y', true],
  ['N', false],
  ['y', null],
  [true, null],
  [undefined, null],
])('reboot_required %j of a patch is %j', (said, fact) => {
  expect(toPatch('P', { ...patch, reboot_required: said }).reboot_required).toBe(fact)
})

test('what a patch does not tell is unknown', () => {
  expect(toPatch('P', {})).toEqual({
    id: 'P',
    kind: 'patch',
    sw_version: null,
    state: 'unknown',
    native_state: null,
    reboot_required: null,
    requires: [],
  })
})

const patchingHost = {
  hostname: 'worker-0',
  ip: '192.168.204.9',
  patch_current: true,
  secs_since_ack: 7,
  patch_failed: false,
  stale_details: false,
  interim_state: false,
  nodetype: 'worker',
  sw_version: '22.12',
  state: 'idle',
  requires_reboot: false,
}

test('a host of Patching', () => {
  expect(toPatchingHost(patchingHost)).toEqual({
    hostname: 'worker-0',
    node_type: 'worker',
    sw_version: '22.12',
    target_version: null,
    patch_current: true,
    state: 'idle',
    native_state: 'idle',
    reboot_required: false,
    patch_failed: false,
    last_seen_s: 7,
    derived_from: 'patching-query-hosts',
  })
})

test.each([
  ['current', {}, true],
  ['not current', { patch_current: false }, false],
  ['current but failed', { patch_failed: true }, false],
  ['not current and failed', { patch_current: false, patch_failed: true }, false],
  ['details are stale', { stale_details: true }, null],
  ['details are stale, not current', { stale_details: true, patch_current: false }, null],
  ['in between', { interim_state: true }, null],
  ['in between, failed', { interim_state: true, patch_failed: true }, null],
  ['silent for 120 s', { secs_since_ack: 120 }, true],
  ['silent for 121 s', { secs_since_ack: 121 }, null],
  ['silent for 121 s, not current', { secs_since_ack: 121, patch_current: false }, null],
  ['silence unknown', { secs_since_ack: undefined }, null],
  ['currency unknown', { patch_current: undefined }, null],
  ['currency null', { patch_current: null }, null],
  ['failure unknown', { patch_failed: undefined }, true],
  ['older release without interim_state', { interim_state: undefined }, true],
] as const)('a host of Patching: %s', (_, changed, current) => {
  expect(toPatchingHost({ ...patchingHost, ...changed }).patch_current).toBe(current)
})

test.each(['idle', 'installing', 'install-failed', 'install-rejected'])(
  'state %s is kept as it is',
  (state) => {
    expect(toPatchingHost({ ...patchingHost, state })).toMatchObject({
      native_state: state,
      patch_current: true,
    })
  },
)

test('a host that no one has heard of yet', () => {
  const unheard = { hostname: 'n/a', patch_current: true, sw_version: 'unknown', nodetype: null, state: null }
  expect(toPatchingHost(unheard)).toEqual({
    hostname: 'n/a',
    node_type: null,
    sw_version: 'unknown',
    target_version: null,
    patch_current: null,
    state: 'unknown',
    native_state: null,
    reboot_required: null,
    patch_failed: null,
    last_seen_s: null,
    derived_from: 'patching-query-hosts',
  })
})
