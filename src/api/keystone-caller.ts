import type { KeystoneName, KeystoneToken } from '../model/keystone-token.ts'
import { everywhere, highestOf, toScope, type Caller } from './caller.ts'

/** Which regions who may see: one of `user`, `project` and `group_id` says who. */
export interface RegionScope {
  readonly user?: string | undefined
  readonly project?: string | undefined
  /** Of the user or the project: a name is unique in its domain only. */
  readonly domain: string
  readonly group_id?: string | undefined
  readonly regions: readonly string[]
}

/** The projects whose roles StarlingX's services go by, both in the domain Default. */
const projects = new Set(['admin', 'services'])

/** The caller that a token of Keystone is; `scopes` is undefined where every region may be seen. */
export function toKeystoneCaller(
  token: KeystoneToken,
  issuer: string,
  scopes: readonly RegionScope[] | undefined,
): Caller {
  const { user, project } = token
  const counts = project !== undefined && projects.has(project.name) && project.domain === 'Default'
  const regions = scopes && [
    ...new Set(scopes.filter((scope) => fits(scope, token)).flatMap((it) => it.regions)),
  ]
  return {
    subject: user.id,
    name: inDomain(user),
    issuer,
    granted: token.roles,
    role: counts ? highestOf(token.roles) : undefined,
    ...(project && { project: inDomain(project) }),
    ...(regions && { regions }),
    scope: regions === undefined ? everywhere : toScope(regions),
    expires: token.expires,
  }
}

function fits(scope: RegionScope, { user, project, groups }: KeystoneToken): boolean {
  const is = (name: string | undefined, it: KeystoneName | undefined): boolean =>
    name !== undefined && it?.name === name && it.domain === scope.domain
  if (is(scope.user, user) || is(scope.project, project)) return true
  return scope.group_id !== undefined && groups.includes(scope.group_id)
}

function inDomain({ name, domain }: KeystoneName): string {
  return `${name}@${domain}`
}
