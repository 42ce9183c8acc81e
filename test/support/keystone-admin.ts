import type { Account } from '../../src/upstream/keystone.ts'

/** What an operator does at a Keystone. */
export interface KeystoneAdmin {
  /** Roles, project and services, as StarlingX has them. */
  furnish(): Promise<void>
  /** A new user; with the role admin in the project services, as the gateway's credentials have it, unless told otherwise. */
  account(wishes?: AccountWishes): Promise<Account>
  /** A token of this account, for its project or whatever else it is to be for. */
  token(account: Account, scope?: TokenScope): Promise<string>
  /** A token by a new application credential of this account; with `rules`, one that is good for these calls only. */
  tokenByCredential(account: Account, rules?: readonly AccessRule[]): Promise<string>
  /** A user who may not log in any more; tokens end with that. */
  disable(account: Account): Promise<void>
  addEndpoint(endpoint: CatalogEntry): Promise<void>
  /** Of all services. */
  removeEndpoints(region: string): Promise<void>
  /** Whether a token is good, as a region finds out. */
  accepts(token: string): Promise<boolean>
  revoke(token: string): Promise<void>
  /** A login of this account by someone else; its status. */
  logInAs(account: Account): Promise<number>
}

export interface AccountWishes {
  readonly roles?: readonly string[]
  /** Made where there is none yet, as is its domain. */
  readonly project?: string
  readonly domain?: string
}

/** A call that an application credential may be used for. */
export interface AccessRule {
  readonly service: string
  readonly method: string
  readonly path: string
}

/** What a token may be for beside a project; `unscoped`: nothing. */
export type TokenScope = 'project' | 'unscoped' | 'system'

export interface CatalogEntry {
  readonly service: 'usm' | 'patching'
  readonly region: string
  readonly interface: 'admin' | 'internal' | 'public'
  readonly url: string
}

interface Id {
  readonly id: string
}

export function createKeystoneAdmin(url: string): KeystoneAdmin {
  const ids = new Map<string, string>()
  let users = 0

  let token: Promise<string> | undefined

  async function adminToken(): Promise<string> {
    const admin = { username: 'admin', password: 'bootstrap', projectName: 'admin' }
    const answer = await logIn({ ...admin, userDomainName: 'Default', projectDomainName: 'Default' })
    return answer.headers.get('x-subject-token') ?? ''
  }

  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const send = async (): Promise<Response> =>
      fetch(url + path, {
        method,
        headers: { 'x-auth-token': await (token ??= adminToken()), 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    let answer = await send()
    if (answer.status === 401) {
      // The clock was moved, or the keys replaced.
      token = undefined
      answer = await send()
    }
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  async function create(
    kind: 'role' | 'project' | 'service' | 'domain',
    body: Record<string, string>,
    key = `${kind} ${body['name']}`,
  ): Promise<string> {
    const made = await call<Record<string, Id>>('POST', `/${kind}s`, { [kind]: body })
    const id = made[kind]?.id ?? ''
    ids.set(key, id)
    return id
  }

  async function projectId(name: string, domain: string): Promise<string> {
    const domainId = ids.get(`domain ${domain}`) ?? (await create('domain', { name: domain }))
    const key = `project ${domain}/${name}`
    return ids.get(key) ?? create('project', { name, domain_id: domainId }, key)
  }

  function logIn(account: Account, wanted: TokenScope = 'project'): Promise<Response> {
    const domain = { name: account.userDomainName }
    const user = { name: account.username, domain, password: account.password }
    const scope = {
      project: { project: { name: account.projectName, domain: { name: account.projectDomainName } } },
      system: { system: { all: true } },
      unscoped: 'unscoped',
    }[wanted]
    return fetch(`${url}/auth/tokens?nocatalog`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } }),
    })
  }

  return {
    async furnish() {
      // Else the administrator would not outlive a test that moves the clock beyond the passwords' end.
      const { users } = await call<{ users: Id[] }>('GET', '/users?name=admin')
      const options = { ignore_password_expiry: true }
      await call('PATCH', `/users/${users[0]?.id}`, { user: { options } })
      ids.set('domain Default', 'default')
      const { projects } = await call<{ projects: Id[] }>('GET', '/projects?name=admin')
      ids.set('project Default/admin', projects[0]?.id ?? '')
      for (const name of ['operator', 'configurator']) await create('role', { name })
      const { roles } = await call<{ roles: (Id & { name: string })[] }>('GET', '/roles')
      for (const { id, name } of roles) ids.set(`role ${name}`, id)
      for (const type of ['usm', 'patching']) await create('service', { name: type, type })
    },
    async account({ roles = ['admin'], project = 'services', domain = 'Default' } = {}) {
      const username = `fleet-${++users}`
      const password = `Secret-${crypto.randomUUID()}`
      const user = { name: username, password, domain_id: 'default' }
      const made = await call<{ user: Id }>('POST', '/users', { user })
      ids.set(`user ${username}`, made.user.id)
      for (const role of roles) {
        if (!ids.has(`role ${role}`)) await create('role', { name: role })
        const grant = `users/${made.user.id}/roles/${ids.get(`role ${role}`)}`
        await call('PUT', `/projects/${await projectId(project, domain)}/${grant}`)
        // Of the whole system too, so that a token for it can be had.
        await call('PUT', `/system/${grant}`)
      }
      return {
        username,
        password,
        projectName: project,
        userDomainName: 'Default',
        projectDomainName: domain,
      }
    },
    async token(account, scope) {
      const answer = await logIn(account, scope)
      if (answer.status !== 201) throw new Error(`no token: HTTP ${answer.status}: ${await answer.text()}`)
      return answer.headers.get('x-subject-token') ?? ''
    },
    async tokenByCredential(account, rules) {
      const own = (await logIn(account)).headers.get('x-subject-token') ?? ''
      const wanted = { name: crypto.randomUUID(), ...(rules && { access_rules: rules }) }
      const made = await fetch(
        `${url}/users/${ids.get(`user ${account.username}`)}/application_credentials`,
        {
          method: 'POST',
          headers: { 'x-auth-token': own, 'content-type': 'application/json' },
          body: JSON.stringify({ application_credential: wanted }),
        },
      )
      if (made.status !== 201) throw new Error(`no credential: HTTP ${made.status}: ${await made.text()}`)
      const { application_credential } = (await made.json()) as {
        application_credential: { id: string; secret: string }
      }
      const { id, secret } = application_credential
      const answer = await fetch(`${url}/auth/tokens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          auth: {
            identity: { methods: ['application_credential'], application_credential: { id, secret } },
          },
        }),
      })
      if (answer.status !== 201) throw new Error(`no token: HTTP ${answer.status}: ${await answer.text()}`)
      return answer.headers.get('x-subject-token') ?? ''
    },
    async disable({ username }) {
      await call('PATCH', `/users/${ids.get(`user ${username}`)}`, { user: { enabled: false } })
    },
    async addEndpoint({ service, ...rest }) {
      await call('POST', '/endpoints', { endpoint: { ...rest, service_id: ids.get(`service ${service}`) } })
    },
    async removeEndpoints(region) {
      const { endpoints } = await call<{ endpoints: Id[] }>('GET', `/endpoints?region_id=${region}`)
      for (const { id } of endpoints) await call('DELETE', `/endpoints/${id}`)
    },
    async accepts(token) {
      const headers = { 'x-auth-token': token, 'x-subject-token': token }
      return (await fetch(`${url}/auth/tokens?nocatalog`, { headers })).status === 200
    },
    async revoke(token) {
      const headers = { 'x-auth-token': token, 'x-subject-token': token }
      const { status } = await fetch(`${url}/auth/tokens`, { method: 'DELETE', headers })
      if (status !== 204) throw new Error(`revoking: HTTP ${status}`)
    },
    logInAs: async (account) => (await logIn(account)).status,
  }
}
