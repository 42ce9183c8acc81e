/** A JSON schema (2020-12) as OpenAPI 3.1 takes it. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly enum?: readonly (string | number | boolean | null)[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly $ref?: string
  readonly contentMediaType?: string
}

export const text: Schema = { type: 'string' }
export const yesNo: Schema = { type: 'boolean' }
export const count: Schema = { type: 'integer', minimum: 0 }
export const instant: Schema = { type: 'string', format: 'date-time' }

export function orNull(schema: Schema): Schema {
  return { ...schema, type: [schema.type ?? 'object', 'null'].flat() }
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

/** An object whose regions may send more than this: new releases add fields. */
export function open(
  properties: Readonly<Record<string, Schema>>,
  required = Object.keys(properties),
): Schema {
  return { type: 'object', properties, required, additionalProperties: true }
}

/** An object of the gateway's own: nothing else is in it. */
export function closed(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

export function refTo(kind: 'schemas' | 'parameters' | 'responses', name: string): { readonly $ref: string } {
  return { $ref: `#/components/${kind}/${name}` }
}
