/**
 * What `GET /` (and with `v1`, `GET /v1`) answers: upstream's document, with links that hold behind any proxy.
 */
export function versionDocument(v1: boolean): unknown {
  const version = { id: 'v1', links: [{ href: '/v1/', rel: 'self' }] }
  if (!v1) {
    return {
      name: 'StarlingX Fleet Gateway',
      description: 'The USM and Patching APIs of many StarlingX regions as one',
      versions: [version],
      default_version: version,
    }
  }
  const link = (name: string): unknown => [{ href: `/v1/${name}/`, rel: 'self' }]
  return {
    ...version,
    media_types: [{ base: 'application/json', type: 'application/vnd.openstack.software.v1+json' }],
    software: link('software'),
    release: link('release'),
    deploy: link('deploy'),
    deploy_host: link('deploy_host'),
  }
}
