import type { Account } from '../../src/upstream/keystone.ts'

/** What an operator does at a Keystone. */
export interface KeystoneAdmin {
  /** Roles, project and services, as StarlingX has them. */
  furnish(): Promise<void>
  /** A new user with the role admin in the project services, as the gateway's credentials have it. */
  account(): Promise<Account>
  addEndpoint(endpoint: CatalogEntry): Promise<void>
  /** Of all services. */
  removeEndpoints(region: string): Promise<void>
  /** Whether a token is good, as a region finds out. */
  accepts(token: string): Promise<boolean>
  revoke(token: string): Promise<void>
  /** A login of this account by someone else; its status. */
  logInAs(account: Account): Promise<number>
}

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

  async function create(kind: 'role' | 'project' | 'service', body: Record<string, string>): Promise<void> {
    const made = await call<Record<string, Id>>('POST', `/${kind}s`, { [kind]: body })
    ids.set(`${kind} ${body['name']}`, made[kind]?.id ?? '')
  }

  function logIn(account: Account): Promise<Response> {
    const domain = { name: account.userDomainName }
    const user = { name: account.username, domain, password: account.password }
    const scope = { project: { name: account.projectName, domain: { name: account.projectDomainName } } }
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
      await create('project', { name: 'services', domain_id: 'default' })
      for (const name of ['operator', 'configurator']) await create('role', { name })
      const { roles } = await call<{ roles: (Id & { name: string })[] }>('GET', '/roles')
      for (const { id, name } of roles) ids.set(`role ${name}`, id)
      for (const type of ['usm', 'patching']) await create('service', { name: type, type })
    },
    async account() {
      const username = `fleet-${++users}`
      const password = `Secret-${crypto.randomUUID()}`
      const user = { name: username, password, domain_id: 'default' }
      const made = await call<{ user: Id }>('POST', '/users', { user })
      const grant = `users/${made.user.id}/roles/${ids.get('role admin')}`
      await call('PUT', `/projects/${ids.get('project services')}/${grant}`)
      return {
        username,
        password,
        projectName: 'services',
        userDomainName: 'Default',
        projectDomainName: 'Default',
      }
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
