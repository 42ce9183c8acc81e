import { expect, test } from 'vitest'
import { ConfigError } from '../../src/config/parse.ts'
import { file, issuers, mistakesOf, parse } from './parse.ts'

test('every mistake at once, in order, each where it stands', () => {
  const text = `listen: { host: 127.0.0.1, port: 70000 }
auth:
  issuers:
    - { issuer: https://idp.example, audience: gateway, secret: hush }
regions:
  - region_name: a b
    usm: http://10.0.0.1:5493/v1
  - region_name: c
    patching: ftp://10.0.0.2
    label: {}
refresh:
  interval: 30 parsecs
bogus: true
`
  expect(mistakesOf(text)).toEqual([
    '1:28 listen.port: Too big: expected number to be <=65535',
    '4:57 auth.issuers.0.secret: unknown key',
    String.raw`6:5 regions.0.region_name: a name has no spaces, nothing invisible, and none of , ; * / ? # % \ `.trimEnd(),
    '7:5 regions.0.usm: write the base URL, without /v1',
    '9:5 regions.1.patching: not an http or https URL',
    '10:5 regions.1.label: unknown key',
    '12:3 refresh.interval: not a duration: write 500ms, 30s, 5m or 1h',
    '13:1 bogus: unknown key',
  ])
})

test('the message of the error is the list of mistakes', () => {
  let thrown: unknown
  try {
    parse(`${issuers}x: 1\ny: 2\n`)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ConfigError)
  expect(thrown).toMatchObject({
    message: `${file}:2:1 x: unknown key\n${file}:3:1 y: unknown key`,
    name: 'ConfigError',
  })
})

test('mistakes within one value do not hide those between values', () => {
  const text = `${issuers}regions:
  - { region_name: a, usm: "http://x" }
  - { region_name: a, usm: "http://y", credentials: nobody, keystone: "http://k" }
bogus: 1
`
  expect(mistakesOf(text)).toEqual([
    '4:7 regions.1.region_name: regions.0 has this name already: region_name is the identity of a region',
    '4:40 regions.1.credentials: credentials has no "nobody"',
    '5:1 bogus: unknown key',
  ])
})

test('an unknown key of a region does not hide that it has no address', () => {
  const mistakes = mistakesOf(`${issuers}regions: [{ region_name: a, bogus: 1 }]`)
  expect(mistakes).toContainEqual(expect.stringContaining('regions.0: give usm, patching or both'))
  expect(mistakes).toContainEqual('2:29 regions.0.bogus: unknown key')
})

test.each([
  ['nothing', ''],
  ['only a comment', '# nothing yet\n'],
  ['null', 'null\n'],
])('a file with %s lacks its issuers', (_, text) => {
  expect(mistakesOf(text)).toEqual([expect.stringMatching(/^1:1 auth: /)])
})

test.each([
  ['a list', '- a\n- b\n'],
  ['text', 'gateway\n'],
  ['a JSON list', '[]'],
])('%s at the root', (_, text) => {
  expect(mistakesOf(text)).toEqual([expect.stringMatching(/^1:1 \(root\): .*expected object/)])
})

test('a key that is missing is said to be missing, where its parent stands', () => {
  expect(mistakesOf(`${issuers}regions:\n  - { usm: "http://x" }\n`)).toEqual([
    '3:5 regions.0.region_name: is missing',
  ])
  expect(mistakesOf('listen: { port: 1 }\n')).toEqual(['1:1 auth: is missing'])
})

test('region names are unique, by the name and not by the subcloud', () => {
  const text = `${issuers}regions:
  - { region_name: a, subcloud_name: x, usm: "http://1" }
  - { region_name: b, subcloud_name: x, usm: "http://2" }
  - { region_name: a, usm: "http://3" }
  - { region_name: a, usm: "http://4" }
`
  expect(mistakesOf(text)).toEqual([
    '5:7 regions.2.region_name: regions.0 has this name already: region_name is the identity of a region',
    '6:7 regions.3.region_name: regions.0 has this name already: region_name is the identity of a region',
  ])
})

test.each([
  ['http://10.0.0.1:5493/v1', 'write the base URL, without /v1'],
  ['http://10.0.0.1:5493/usm/v1/', 'write the base URL, without /v1'],
  ['http://fleet:hush@10.0.0.1:5493', 'a URL must not hold credentials'],
  ['http://fleet@10.0.0.1:5493', 'a URL must not hold credentials'],
  ['ftp://10.0.0.1', 'not an http or https URL'],
  ['file:///etc/passwd', 'not an http or https URL'],
  ['10.0.0.1:5493', 'not a URL'],
  ['http://', 'not a URL'],
  ['http://10.0.0.1:99999', 'not a URL'],
  ['http://10.0.0.1?region=a', 'a base URL has no query and no fragment'],
  ['http://10.0.0.1#a', 'a base URL has no query and no fragment'],
])('a region at %s: %s', (url, message) => {
  const text = `${issuers}regions:\n  - { region_name: a, usm: "${url}" }\n`
  expect(mistakesOf(text)).toEqual([`3:23 regions.0.usm: ${message}`])
})

test('a Keystone address may, and does, end with its version', () => {
  const text = `${issuers}regions: [{ region_name: a, usm: "http://x", keystone: "http://k:5000/v3" }]`
  expect(parse(text).regions[0]?.keystone?.href).toBe('http://k:5000/v3')
})

test.each(['http://fleet:hush@10.0.0.1:5493', 'ftp://hush', 'hush'])(
  'what a wrong value says is not repeated: it may be a secret (%s)',
  (url) => {
    const text = `${issuers}regions: [{ region_name: a, usm: "\${ADDRESS}" }]`
    expect(mistakesOf(text, { ADDRESS: url }).join('\n')).not.toContain('hush')
  },
)

test('environment variables that do not exist, each where it is used, with everything else', () => {
  const text = `${issuers}state_dir: \${STATE}/x
credentials:
  default: { username: "\${USER}\${SITE}", password_file: p }
bogus: 1
`
  expect(mistakesOf(text, { USER: 'fleet' })).toEqual([
    expect.stringMatching(/^2:12 .*\$\{STATE\}: no such environment variable$/),
    expect.stringMatching(/^4:24 .*\$\{SITE\}: no such environment variable$/),
    '5:1 bogus: unknown key',
  ])
})

test('a missing environment variable is told with the path of its value', () => {
  expect(mistakesOf(`${issuers}state_dir: \${STATE}\n`)).toEqual([
    expect.stringMatching(/^2:12 state_dir: .*STATE/),
  ])
})

test.each(['nobody', 'toString', 'constructor', '__proto__'])(
  'credentials "%s" that do not exist',
  (name) => {
    const text = `${issuers}regions:
  - { region_name: a, usm: "http://x", keystone: "http://k", credentials: ${name} }
credentials:
  default: { username: fleet, password_file: p }
`
    expect(mistakesOf(text)).toEqual([`3:62 regions.0.credentials: credentials has no "${name}"`])
  },
)

test('credentials without a Keystone to use them at', () => {
  const text = `${issuers}regions: [{ region_name: a, usm: "http://x", credentials: default }]
credentials: { default: { username: fleet, password_file: p } }
`
  expect(mistakesOf(text)).toEqual(['2:11 regions.0: credentials need a keystone'])
})

test('"none" is no name for credentials', () => {
  expect(mistakesOf(`${issuers}credentials: { none: { username: a, password_file: p } }`)).toEqual([
    expect.stringMatching(/^2:16 credentials\.none: /),
  ])
})

test('a password has no place in the configuration', () => {
  const text = `${issuers}credentials: { default: { username: a, password_file: p, password: hush } }`
  expect(mistakesOf(text)).toEqual(['2:58 credentials.default.password: unknown key'])
})

test.each([
  ['{ connect_timeout: 11s }'],
  ['{ first_byte_timeout: 31s }'],
  ['{ first_byte_timeout: 1s }'],
  ['{ read_timeout: 5s }'],
])('timeouts nest: upstream %s', (upstream) => {
  expect(mistakesOf(`${issuers}upstream: ${upstream}\n`)).toEqual([
    '2:1 upstream: timeouts nest: connect_timeout ≤ first_byte_timeout ≤ read_timeout',
  ])
})

test.each(['connect_timeout', 'first_byte_timeout', 'idle_timeout', 'read_timeout'])(
  'a limit of no time is none: %s',
  (key) => {
    const others = ['connect_timeout', 'first_byte_timeout'].filter((other) => other !== key)
    const text = `${issuers}upstream: { ${key}: 0s, ${others.map((other) => `${other}: 0s`).join(', ')} }`
    expect(mistakesOf(text)).toContainEqual(expect.stringContaining(`upstream.${key}: `))
  },
)

test.each(['30 s', '-1s', '1y', 'soon', '""', '1e3s', '[]'])('%s is no duration', (text) => {
  expect(mistakesOf(`${issuers}refresh: { interval: ${text} }`)).toEqual([
    expect.stringMatching(/^2:12 refresh\.interval: /),
  ])
})

test.each(['32MB', '1.5MiB', '-1', '0', '0MiB', 'big', '1 GiB', '999999999999999GiB'])(
  '%s is no size',
  (text) => {
    expect(mistakesOf(`${issuers}upload: { max_size: ${text} }`)).toEqual([
      expect.stringMatching(/^2:11 upload\.max_size: /),
    ])
  },
)

test('a baseline is a region that is listed, or a list of releases', () => {
  expect(mistakesOf(`${issuers}baseline: { region_name: a }`)).toEqual([
    '2:13 baseline.region_name: no region has this name',
  ])
  expect(mistakesOf(`${issuers}baseline: { region_name: a, release_ids: [b] }`)).toHaveLength(1)
  expect(mistakesOf(`${issuers}baseline: {}`)).toHaveLength(1)
  expect(parse(`${issuers}baseline: { release_ids: [b] }`).baseline).toEqual({ release_ids: ['b'] })
})

test.each(['{ region_name: a }', '{ subcloud_name: a }', '{ "a b": c }', '{ a: [] }', '{ a: null }'])(
  'labels %s',
  (labels) => {
    const text = `${issuers}regions: [{ region_name: a, usm: "http://x", labels: ${labels} }]`
    expect(mistakesOf(text)).toEqual([expect.stringMatching(/^2:\d+ regions\.0\.labels/)])
  },
)

test.each([
  ['{ issuer: i, audience: a, jwks_file: f, jwks_uri: "http://x" }', 'give jwks_file or jwks_uri, not both'],
  ['{ issuer: i, audience: "" }', ''],
  ['{ issuer: i, audience: a, claims: { roles: [] } }', ''],
])('an issuer %s', (issuer, message) => {
  expect(mistakesOf(`auth: { issuers: [${issuer}] }`)).toEqual([
    expect.stringMatching(new RegExp(`^1:\\d+ auth\\.issuers\\.0.*${message}`)),
  ])
})

test('no issuer at all', () => {
  expect(mistakesOf('auth: { issuers: [] }')).toEqual([expect.stringMatching(/^1:9 auth\.issuers: /)])
})

test('a maintenance that is no RFC 3339 time', () => {
  const text = `${issuers}regions: [{ region_name: a, usm: "http://x", maintenance: tomorrow }]`
  expect(mistakesOf(text)).toEqual(['2:46 regions.0.maintenance: not an RFC 3339 time'])
})

test('a key of YAML that stands twice', () => {
  expect(mistakesOf(`${issuers}listen: { port: 1 }\nlisten: { port: 2 }\n`)).toEqual([
    expect.stringMatching(/^3:1 .*Map keys must be unique/),
  ])
  expect(mistakesOf(`${issuers}listen: { port: 1, port: 2 }\n`)).toEqual([
    expect.stringMatching(/^2:20 .*Map keys must be unique/),
  ])
})

test.each([
  ['a bracket that is never closed', 'state_dir: [\n'],
  ['a tab', '\tstate_dir: x\n'],
  ['two documents', '---\nstate_dir: x\n'],
  ['an alias of nothing: a glob without quotes', 'state_dir: *boston\n'],
  ['a star', 'state_dir: *\n'],
  [
    'aliases that multiply',
    `a: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]\n`,
  ],
])('what is no YAML is a mistake like any other: %s', (_, text) => {
  const mistakes = mistakesOf(issuers + text)
  expect(mistakes.length).toBeGreaterThan(0)
  for (const mistake of mistakes) expect(mistake).toMatch(/^\d+:\d+ /)
})

test('a mistake of YAML names its place once', () => {
  expect(mistakesOf(`${issuers}listen: {}\nlisten: {}\n`)).toEqual(['3:1 (root): Map keys must be unique'])
})

test('sources of regions: each mistake where it stands', () => {
  const text = `${issuers}discovery:
  - { kind: dcmanger, url: "http://x", credentials: default }
  - { kind: dcmanager, credentials: default, interval: 0s, max_shrink: 20 }
  - kind: dcmanager
    url: ftp://x
    credentials: nobody
    region_credentials: somebody
    endpoints: { usm: "https://10.0.0.1:5498", patching: "{ip}", swift: "http://{ip}" }
  - { kind: dcmanager, url: "http://x", credentials: none, interface: external }
  - { kind: keystone_catalog, url: "http://x", keystone: "http://x", credentials: default, endpoints: {} }
credentials_for:
  - { labels: { group: east }, credentials: nobody }
  - { label: { group: east }, credentials: default }
credentials: { default: { username: fleet, password_file: p } }
`
  expect(mistakesOf(text)).toEqual([
    "3:7 discovery.0.kind: Invalid discriminator value. Expected 'dcmanager' | 'keystone_catalog'",
    '4:5 discovery.1.url: is missing',
    '4:46 discovery.1.interval: must be more than 0',
    '4:60 discovery.1.max_shrink: Too big: expected number to be <=1',
    '6:5 discovery.2.url: not an http or https URL',
    '7:5 discovery.2.credentials: credentials has no "nobody"',
    '8:5 discovery.2.region_credentials: credentials has no "somebody"',
    '9:18 discovery.2.endpoints.usm: not a URL with {ip} in it',
    '9:48 discovery.2.endpoints.patching: not a URL with {ip} in it',
    '9:66 discovery.2.endpoints.swift: unknown key',
    '10:41 discovery.3.credentials: no source answers without a login',
    '10:60 discovery.3.interface: Invalid option: expected one of "admin"|"internal"|"public"',
    '11:31 discovery.4.url: unknown key',
    '11:92 discovery.4.endpoints: unknown key',
    '13:32 credentials_for.0.credentials: credentials has no "nobody"',
    '14:5 credentials_for.1.labels: is missing',
    '14:7 credentials_for.1.label: unknown key',
  ])
})

test('a source stands there once, by its kind and address', () => {
  const text = `${issuers}discovery:
  - { kind: dcmanager, url: "https://10.0.0.2:8120/v1.0", credentials: a }
  - { kind: dcmanager, url: "https://10.0.1.2:8120/v1.0", credentials: a }
  - { kind: keystone_catalog, keystone: "https://10.0.0.2:8120/v3", credentials: a }
  - { kind: dcmanager, url: "https://10.0.0.2:8120/", credentials: a, interface: public }
credentials: { a: { username: fleet, password_file: p } }
`
  expect(mistakesOf(text)).toEqual(['6:5 discovery.3: discovery.0 is this source already'])
})
