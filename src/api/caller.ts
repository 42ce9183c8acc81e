import type { Region } from '../model/region.ts'
import { matcher, type Scope } from '../fleet/select.ts'

/** StarlingX's roles, each including those before it. */
export const roles = ['reader', 'operator', 'configurator', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who asks, and what they may see. Made from a verified token; decisions are made from it, never stored. */
export interface Caller {
  readonly subject: string
  readonly issuer: string
  readonly role: Role | undefined
  readonly scope: Scope
}

/** Where in a token a claim stands: `a.b.c`, or a list of keys where a key holds dots. */
export type ClaimPath = string | readonly string[]

export interface ClaimPaths {
  readonly roles: ClaimPath
  /** Without it every region may be seen. */
  readonly regions?: ClaimPath | undefined
}

export function toCaller(
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
  paths: ClaimPaths,
): Caller {
  const granted = new Set(words(claimAt(claims, paths.roles)).map((role) => role.toLowerCase()))
  return {
    subject: typeof claims['sub'] === 'string' ? claims['sub'] : '',
    issuer,
    role: roles.findLast((role) => granted.has(role)),
    scope: paths.regions === undefined ? () => true : toScope(words(claimAt(claims, paths.regions))),
  }
}

export function atLeast(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && roles.indexOf(role) >= roles.indexOf(needed)
}

/** Names and globs, `group:east`, `label:site=boston`. What is none of these matches nothing. */
function toScope(entries: readonly string[]): Scope {
  // Looked up, as many as there are: every region of the fleet is judged at each request.
  const groups = new Set<string | undefined>()
  const names = new Set<string>()
  const rules: Scope[] = []
  for (const entry of entries) {
    const group = /^group:(.+)$/s.exec(entry)?.[1]
    const [, label, value] = /^label:([^=]+)=(.*)$/s.exec(entry) ?? []
    if (group !== undefined) groups.add(group)
    else if (label !== undefined) rules.push((region) => region.labels[label] === value)
    else if (entry.includes('*')) rules.push(matcher(entry))
    else names.add(entry)
  }
  return (region: Region) =>
    groups.has(region.labels['group']) ||
    names.has(region.name) ||
    names.has(region.subcloud) ||
    rules.some((rule) => rule(region))
}

function claimAt(claims: Readonly<Record<string, unknown>>, path: ClaimPath): unknown {
  let value: unknown = claims
  for (const key of typeof path === 'string' ? path.split('.') : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** A list of strings, or one string of words. */
function words(claim: unknown): readonly string[] {
  if (Array.isArray(claim))
    return claim.filter((each): each is string => typeof each === 'string' && each !== '')
  return typeof claim === 'string' ? claim.split(/[\s,]+/).filter((each) => each !== '') : []
}
