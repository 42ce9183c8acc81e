import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { issuers, parse } from './parse.ts'

const complete = `
listen: { host: 0.0.0.0, port: 8080 }
admin:  { host: 127.0.0.1, port: 9464 }
auth:
  issuers:
    - issuer: https://idp.example/realms/noc
      audience: stx-fleet-gateway
      jwks_file: ./jwks.json
      claims: { roles: realm_access.roles, regions: [regions] }
regions:
  - { region_name: RegionOne, usm: "http://127.0.0.1:5493", credentials: none }
  - { region_name: 5d5b, subcloud_name: boston-1, keystone: "https://10.1.0.2:5001/v3", credentials: default, labels: { site: boston, group: east } }
  - { region_name: old-1, patching: "http://10.9.0.2:15491", keystone: "http://10.9.0.2:5000/v3", credentials: default, keystone_region: RegionOne, maintenance: 2026-11-22T06:00:00+01:00 }
credentials:
  default: { username: fleet, password_file: ./password, project_name: services, user_domain_name: Default, project_domain_name: Default }
upstream: { connect_timeout: 3s, first_byte_timeout: 10s, idle_timeout: 5s, read_timeout: 30s, max_response: 32MiB, ca_file: certs/ca.pem }
refresh:  { interval: 30s, min_age: 10s }
baseline: { region_name: RegionOne }
metrics:  { region_labels: [site, group] }
audit:    { file: /var/log/fleet/audit.log }
upload:   { max_size: 20GiB, dir: spool, reserve: 2GiB, idle_timeout: 2m }
state_dir: /var/lib/fleet
drain: { delay: 5s, timeout: 1m }
`

const defaults = {
  listen: { host: '0.0.0.0', port: 8080 },
  admin: { host: '127.0.0.1', port: 9464 },
  auth: { issuers: [{ issuer: 'https://idp.example', audience: 'gateway', claims: { roles: 'roles' } }] },
  regions: [],
  discovery: [],
  credentials_for: [],
  credentials: {},
  upload: { max_size: 20 * 2 ** 30, reserve: 2 ** 30, idle_timeout: 60_000 },
  writes: { max_per_caller: 8 },
  limits: { requests_per_second: 200, burst: 1_000, concurrent: 100 },
  drain: { delay: 0, timeout: 30_000 },
  upstream: {
    connect_timeout: 3_000,
    first_byte_timeout: 10_000,
    idle_timeout: 5_000,
    read_timeout: 30_000,
    max_response: 32 * 2 ** 20,
    max_in_flight: 512 * 2 ** 20,
    write_timeouts: { quick: 180_000, precheck: 600_000, host_deploy: 780_000, upload: 1_800_000 },
  },
  refresh: { interval: 30_000, min_age: 10_000, ready_after: 60_000 },
  metrics: { region_labels: [] },
  log: { level: 'info' },
}

const whole = {
  ...defaults,
  auth: {
    issuers: [
      {
        issuer: 'https://idp.example/realms/noc',
        audience: 'stx-fleet-gateway',
        jwks_file: '/etc/fleet/jwks.json',
        claims: { roles: 'realm_access.roles', regions: ['regions'] },
      },
    ],
  },
  regions: [
    { region_name: 'RegionOne', usm: new URL('http://127.0.0.1:5493'), credentials: 'none', labels: {} },
    {
      region_name: '5d5b',
      subcloud_name: 'boston-1',
      keystone: new URL('https://10.1.0.2:5001/v3'),
      credentials: 'default',
      labels: { site: 'boston', group: 'east' },
    },
    {
      region_name: 'old-1',
      patching: new URL('http://10.9.0.2:15491'),
      keystone: new URL('http://10.9.0.2:5000/v3'),
      keystone_region: 'RegionOne',
      credentials: 'default',
      labels: {},
      maintenance: '2026-11-22T06:00:00+01:00',
    },
  ],
  credentials: {
    default: {
      username: 'fleet',
      password_file: '/etc/fleet/password',
      project_name: 'services',
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
  },
  upstream: { ...defaults.upstream, ca_file: '/etc/fleet/certs/ca.pem' },
  baseline: { region_name: 'RegionOne' },
  metrics: { region_labels: ['site', 'group'] },
  audit: { file: '/var/log/fleet/audit.log' },
  upload: { max_size: 20 * 2 ** 30, dir: '/etc/fleet/spool', reserve: 2 ** 31, idle_timeout: 120_000 },
  state_dir: '/var/lib/fleet',
  drain: { delay: 5_000, timeout: 60_000 },
}

test('the complete example is accepted, files relative to its folder', () => {
  expect(parse(complete)).toEqual(whole)
})

test('an issuer is all that must be written; the rest has defaults', () => {
  expect(parse(issuers)).toEqual(defaults)
})

test('sources of regions, with what they have where nothing else is said', () => {
  const { discovery, credentials_for } = parse(`${issuers}
credentials: { default: { username: fleet, password_file: p } }
credentials_for: [{ labels: { group: lab }, credentials: default }, { labels: { group: open }, credentials: none }]
discovery:
  - { kind: dcmanager, url: "https://[fd01::2]:8120/v1.0", credentials: default }
  - kind: dcmanager
    url: "https://10.9.0.2:8120/v1.0"
    keystone: "https://10.9.0.2:5001/v3"
    credentials: default
    region_credentials: none
    interval: 10s
    max_shrink: 1
    central_region: east
    interface: public
    endpoints: { usm: "http://gw:80/{ip}" }
  - { kind: keystone_catalog, keystone: "http://10.0.0.9:5000/v3", credentials: default }
`)
  const [plain, whole, catalog] = discovery
  const endpoints = {
    keystone: 'https://{ip}:5001/v3',
    usm: 'https://{ip}:5498',
    patching: 'https://{ip}:5492',
  }
  const common = { credentials: 'default', max_shrink: 0.2, central_region: 'RegionOne' }
  expect(plain).toEqual({
    ...common,
    kind: 'dcmanager',
    url: new URL('https://[fd01::2]:8120/v1.0'),
    interval: 60_000,
    endpoints,
  })
  expect(whole).toEqual({
    kind: 'dcmanager',
    url: new URL('https://10.9.0.2:8120/v1.0'),
    keystone: new URL('https://10.9.0.2:5001/v3'),
    credentials: 'default',
    region_credentials: 'none',
    interval: 10_000,
    max_shrink: 1,
    central_region: 'east',
    interface: 'public',
    endpoints: { ...endpoints, usm: 'http://gw:80/{ip}' },
  })
  expect(catalog).toEqual({
    ...common,
    kind: 'keystone_catalog',
    keystone: new URL('http://10.0.0.9:5000/v3'),
    interval: 300_000,
  })
  expect(credentials_for).toEqual([
    { labels: { group: 'lab' }, credentials: 'default' },
    { labels: { group: 'open' }, credentials: 'none' },
  ])
})

test('the baseline may be a region that is yet to be found', () => {
  const found = `discovery: [{ kind: keystone_catalog, keystone: "http://k", credentials: a }]`
  const { baseline } = parse(`${issuers}credentials: { a: { username: fleet, password_file: p } }
${found}
baseline: { region_name: RegionOne }
`)
  expect(baseline).toEqual({ region_name: 'RegionOne' })
})

test('JSON is YAML', () => {
  const json = JSON.stringify({
    auth: { issuers: [{ issuer: 'https://idp.example', audience: 'gateway' }] },
    listen: { port: 1 },
  })
  expect(parse(json)).toEqual({ ...defaults, listen: { host: '0.0.0.0', port: 1 } })
})

test('every file name is relative to the folder of the configuration', () => {
  const config = parse(`${issuers}audit: { file: audit.log }\nstate_dir: ./state\n`)
  expect([config.audit, config.state_dir]).toEqual([{ file: '/etc/fleet/audit.log' }, '/etc/fleet/state'])
})

test('${NAME} in a value is the environment variable of that name', () => {
  const text = `${issuers}listen: { host: "\${HOST}" }
credentials:
  default: { username: "\${USER}-of-\${SITE}", password_file: '\${SECRETS}/password' }
regions:
  - { region_name: a, usm: "http://\${HOST}:5493" }
`
  const env = { HOST: '10.0.0.1', USER: 'fleet', SITE: '${HOST}', SECRETS: '/run/secrets' }
  const { listen, credentials, regions } = parse(text, env)
  expect([listen.host, credentials['default'], regions[0]?.usm?.href]).toEqual([
    '10.0.0.1',
    {
      username: 'fleet-of-${HOST}',
      password_file: '/run/secrets/password',
      project_name: 'services',
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    'http://10.0.0.1:5493/',
  ])
})

test('an empty environment variable is one; $NAME and $$ are no variables', () => {
  const { credentials } = parse(
    `${issuers}credentials: { a: { username: "x\${EMPTY}$NAME$$", password_file: p } }`,
    { EMPTY: '' },
  )
  expect(credentials['a']?.username).toBe('x$NAME$$')
})

test('durations and sizes', () => {
  const { upstream, refresh, upload } = parse(`${issuers}
upstream: { connect_timeout: 500ms, first_byte_timeout: 1.5s, read_timeout: 2m, max_response: 512KiB }
refresh: { interval: 1h, min_age: 5, ready_after: 1d }
upload: { max_size: 1000, reserve: 21474836480 }
`)
  expect([upstream, refresh, upload]).toEqual([
    {
      connect_timeout: 500,
      first_byte_timeout: 1_500,
      idle_timeout: 5_000,
      read_timeout: 120_000,
      max_response: 512 * 1024,
      max_in_flight: 512 * 2 ** 20,
      write_timeouts: defaults.upstream.write_timeouts,
    },
    { interval: 3_600_000, min_age: 5_000, ready_after: 86_400_000 },
    { max_size: 1_000, reserve: 20 * 2 ** 30, idle_timeout: 60_000 },
  ])
})

test('an alias of YAML stands for what it names', () => {
  const { regions } = parse(`${issuers}
regions:
  - { region_name: a, usm: "http://10.0.0.1:5493", labels: &east { site: boston } }
  - { region_name: b, usm: "http://10.0.0.2:5493", labels: *east }
`)
  expect(regions.map(({ labels }) => labels)).toEqual([{ site: 'boston' }, { site: 'boston' }])
})

test('label values may be numbers and booleans: they become text', () => {
  const { regions } = parse(
    `${issuers}regions: [{ region_name: a, usm: "http://x", labels: { rack: 7, lab: true } }]`,
  )
  expect(regions[0]?.labels).toEqual({ rack: '7', lab: 'true' })
})

const examples = join(import.meta.dirname, '../../config')

test.each(readdirSync(examples).filter((name) => /\.(yaml|yml|json)$/.test(name)))(
  'config/%s is accepted',
  (name) => {
    const text = readFileSync(join(examples, name), 'utf8')
    expect(parse(text, process.env).auth.issuers.length).toBeGreaterThan(0)
  },
)
