import type { Region } from '../model/region.ts'
import { matcher, type Scope } from '../fleet/select.ts'

/** StarlingX's roles, each including those before it. */
export const roles = ['reader', 'operator', 'configurator', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who asks, and what they may see. Made from a verified token; decisions are made from it, never stored. */
export interface Caller {
  /** Unique at its issuer. */
  readonly subject: string
  /** What people call the subject, where that is something else. */
  readonly name?: string
  readonly issuer: string
  /** Roles as the token has them. */
  readonly granted: readonly string[]
  /** The highest of those that count here. */
  readonly role: Role | undefined
  /** Of Keystone's: what the token is for. */
  readonly project?: string
  readonly scope: Scope
  /** The words that `scope` was made of; undefined where every region may be seen. */
  readonly regions?: readonly string[]
  /** When the token ends: ms since the epoch. */
  readonly expires?: number
  /** Of who is let in by memory: see `confirmed`. */
  readonly confirm?: () => Promise<Caller>
}

/** Where in a token a claim stands: `a.b.c`, or a list of keys where a key holds dots. */
export type ClaimPath = string | readonly string[]

export interface ClaimPaths {
  readonly roles: ClaimPath
  /** Without it every region may be seen. */
  readonly regions?: ClaimPath | undefined
  /** What the words of `roles` mean, where they are no role names: groups, say. Other words then mean nothing. */
  readonly role_names?: Readonly<Record<string, Role>> | undefined
}

/** The scope of all who may see every region: what is made for one of them serves all. */
export const everywhere: Scope = () => true

/** ms; a later one can't be written as a date. */
const lastInstant = 8.64e15

export function toCaller(
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
  paths: ClaimPaths,
): Caller {
  const granted = words(claimAt(claims, paths.roles))
  const regions = paths.regions === undefined ? undefined : words(claimAt(claims, paths.regions))
  return {
    subject: subjectOf(claims),
    issuer,
    granted,
    role: highestOf(paths.role_names === undefined ? granted : meant(granted, paths.role_names)),
    scope: regions === undefined ? everywhere : toScope(regions),
    ...(regions && { regions }),
    ...(typeof claims['exp'] === 'number' && { expires: Math.min(claims['exp'] * 1000, lastInstant) }),
  }
}

/** Some providers name a machine by its client alone. Empty where nothing names the caller. */
function subjectOf(claims: Readonly<Record<string, unknown>>): string {
  const names = ['sub', 'client_id', 'azp'].map((claim) => claims[claim])
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? ''
}

function meant(granted: readonly string[], names: Readonly<Record<string, Role>>): readonly Role[] {
  return granted.flatMap((word) => (Object.hasOwn(names, word) && names[word] ? [names[word]] : []))
}

/** The highest role among these names, however they are spelt; undefined where none is one of ours. */
export function highestOf(granted: readonly string[]): Role | undefined {
  const spelt = new Set(granted.map((role) => role.toLowerCase()))
  return roles.findLast((role) => spelt.has(role))
}

/** Who asks to write: known by no memory. Throws a `Problem` where that can't be found out, or is nobody any more. */
export async function confirmed(caller: Caller): Promise<Caller> {
  return (await caller.confirm?.()) ?? caller
}

export function atLeast(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && roles.indexOf(role) >= roles.indexOf(needed)
}

/** Names and globs, `group:east`, `label:site=boston`. What is none of these matches nothing. */
export function toScope(entries: readonly string[]): Scope {
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
