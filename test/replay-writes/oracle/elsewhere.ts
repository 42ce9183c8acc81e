import type { Api } from '../../replay/recordings.ts'

export interface Documented {
  readonly method: string
  readonly target: string
  readonly body?: string
}

const actions: Readonly<Record<string, string>> = {
  deploy_activate: 'activate',
  deploy_complete: 'complete',
}

/**
 * The documented request for one in words that only regions know: stx 9's verbs, Patching's other prefix. Undefined where
 * there is none.
 */
export function documentedFor(api: Api, method: string, target: string): Documented | undefined {
  const [path = '', query] = target.split('?')
  const rest = query === undefined ? '' : `?${query}`
  if (api === 'patching') {
    return path.startsWith('/patch/') ? { method, target: path.replace('/patch/', '/v1/') + rest } : undefined
  }
  const [, verb = '', ids = ''] = /^\/v1\/software\/([a-z_]+)((?:\/[^/]+)*)\/?$/.exec(path) ?? []
  const post = (documented: string): Documented => ({ method: 'POST', target: documented + rest })
  if (verb === 'upload' && ids === '') return post('/v1/release')
  if (verb === 'install_local' && ids === '') return post('/v1/deploy_host/install_local')
  if (ids === '') return undefined
  if (verb === 'delete') return { method: 'DELETE', target: `/v1/release${ids}${rest}` }
  if (verb === 'commit_patch') return post(`/v1/release${ids}/commit`)
  if (verb === 'commit_dry_run') return post(`/v1/release${ids}/commit_dry_run`)
  if (verb === 'deploy_host') return post(`/v1/deploy_host${ids}`)
  const action = actions[verb]
  if (action !== undefined) return post(`/v1/deploy/${action}`)
  const deployed = /^deploy_(precheck|start)$/.exec(verb)?.[1]
  if (deployed === undefined) return undefined
  const isForced = ids.endsWith('/force')
  return {
    ...post(`/v1/deploy${ids.replace(/\/force$/, '')}/${deployed}`),
    ...(isForced && { body: '{"force": "true"}' }),
  }
}
