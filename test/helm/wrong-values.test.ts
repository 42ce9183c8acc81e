import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chart, helm, render } from './render.ts'

const minimal = join(chart, 'ci/minimal-values.yaml')

test.each<[string, object, string]>([
  ['a value that is none', { imgae: { tag: '1' } }, '(root): Additional property imgae is not allowed'],
  ['one inside another', { service: { prot: 1 } }, 'service: Additional property prot is not allowed'],
  ['a number of replicas', { replicaCount: 2 }, '(root): Additional property replicaCount is not allowed'],
  ['a wrong type', { ingress: { enabled: 'yes' } }, 'ingress.enabled: Invalid type. Expected: boolean'],
  [
    'a word that is none of them',
    { service: { type: 'Public' } },
    'service.type: service.type must be one of',
  ],
  ['a size', { state: { size: 'big' } }, 'state.size: Does not match pattern'],
  [
    'a volume that is none',
    { spool: { volume: { hostPath: {} } } },
    'spool.volume: Additional property hostPath',
  ],
  [
    'a key of the configuration',
    { config: { listn: {} } },
    'config: Additional property listn is not allowed',
  ],
  [
    'a key of a region',
    { config: { regions: [{ region_name: 'a', ums: 'http://a' }] } },
    'config.regions.0: Additional property ums is not allowed',
  ],
  [
    'a port',
    { config: { listen: { port: 70_000 } } },
    'config.listen.port: Must be less than or equal to 65535',
  ],
  ['no issuer', { config: { auth: null } }, 'config.auth: Invalid type. Expected: object, given: null'],
  [
    'an admin port that no probe reaches',
    { config: { admin: { host: '127.0.0.1' } } },
    "config.admin.host: 127.0.0.1 is out of the kubelet's reach",
  ],
  [
    'a listener that nobody reaches',
    { config: { listen: { host: 'localhost' } } },
    "config.listen.host: localhost is out of every caller's reach",
  ],
  [
    'a folder for uploads',
    { config: { upload: { dir: './up' } } },
    'config.upload.dir: ./up is no absolute path',
  ],
  [
    'a folder for the state',
    { config: { state_dir: 'state' } },
    'config.state_dir: state is no absolute path',
  ],
  [
    'an audit log on a read-only root',
    { config: { audit: { file: '/var/log/audit.log' }, state_dir: '/state' } },
    'config.audit.file: /var/log/audit.log cannot be written',
  ],
  [
    'a port of root',
    { config: { listen: { port: 443 } } },
    'config: port 443 is open to root only, which the gateway is not',
  ],
  [
    'a port of root for one region',
    { config: { regions: [{ region_name: 'a', usm: 'http://a', listen: { port: 443 } }] } },
    'config: port 443 is open to root only, which the gateway is not',
  ],
  [
    'less time to end than writes have',
    { config: { drain: { delay: '2500ms', timeout: '10m' } }, terminationGracePeriodSeconds: 612 },
    'terminationGracePeriodSeconds: make it 0, or 613 or more',
  ],
  ['an Ingress for no host', { ingress: { enabled: true } }, 'ingress.hosts: name a host'],
  ['a route of no Gateway', { httpRoute: { enabled: true } }, 'httpRoute.parentRefs: name a Gateway'],
])('%s is refused, and named', async (_, values, sentence) => {
  const { code, stdout, stderr } = await render(minimal, values)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(sentence)
})

test('without a configuration helm says what is missing', async () => {
  const { code, stderr } = await helm(['template', chart, '--kube-version', 'v1.29.0'])
  expect([code, stderr]).toEqual([1, expect.stringContaining('config: auth is required')])
})
