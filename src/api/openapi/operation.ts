import type { Schema } from './schema.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description: string
  readonly required?: boolean
  readonly schema: Schema
  /** A value that is possible wherever the parameter is; tests ask with each. */
  readonly example?: string
  /** How a list is written; `false`: with commas. */
  readonly explode?: boolean
}

export interface Content {
  readonly [mediaType: string]: { readonly schema: Schema }
}

export interface ResponseObject {
  readonly description: string
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>
  readonly content?: Content
}

/** One method of one path, as OpenAPI has it. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[]
  readonly requestBody?: {
    readonly description?: string
    readonly required?: boolean
    readonly content: Content
  }
  readonly responses: Readonly<Record<string, ResponseObject | { readonly $ref: string }>>
  /** None: no token is needed. */
  readonly security?: readonly []
}

/** Paths with their methods in lower case. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

export function json(schema: Schema): Content {
  return { 'application/json': { schema } }
}

/** Every error of the first two doors has the same form; these are the statuses that an operation may answer with. */
export function problems(...statuses: readonly number[]): Record<string, { readonly $ref: string }> {
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  )
}

/** `/v1/deploy_host/{host}` gives `v1_deploy_host_host`: part of a name that is the operation's alone. */
export function wordsOf(path: string): string {
  return path
    .replaceAll('-', '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
}
