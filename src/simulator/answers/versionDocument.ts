/** `GET /` of USM; links carry the request's own Host (recording usm/stx10.0/root). */
export function rootDocument(host: string): Record<string, unknown> {
  const v1 = { id: 'v1', links: [{ href: `http://${host}/v1/`, rel: 'self' }] }
  return {
    name: 'StarlingX USM API',
    description: 'Unified Software Management, simulated.',
    versions: [v1],
    default_version: v1,
  }
}

/** `GET /v1` of USM: stx 9 links only `software` (recordings usm/stx9.0/v1, usm/stx10.0/v1). */
export function versionDocument(host: string, names: readonly string[]): Record<string, unknown> {
  const links = names.map((name) => [
    name,
    [
      { href: `http://${host}/v1/${name}/`, rel: 'self' },
      { href: `http://${host}/${name}/`, rel: 'bookmark' },
    ],
  ])
  return {
    id: 'v1',
    media_types: [{ base: 'application/json', type: 'application/vnd.openstack.software.v1+json' }],
    links: [{ href: `http://${host}/v1/`, rel: 'self' }],
    ...Object.fromEntries(links),
  }
}
