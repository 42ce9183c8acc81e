import type { OpenApi } from './document.ts'
import type { Operation, Parameter } from './operation.ts'
import type { Schema } from './schema.ts'

/** The fleet's own API as TypeScript: its records, and what each path takes and gives. */
export function clientTypes(document: OpenApi): string {
  const { components, paths } = document
  const records = Object.entries(components.schemas).filter(([name]) => /^(Fleet|Meta$|Details$)/.test(name))
  const operations = Object.entries(paths).flatMap(([path, { get }]) => {
    const own = /^\/fleet\/v1\/(.+)$/.exec(path)?.[1]
    return own === undefined || get === undefined || own === 'events' ? [] : [{ path: own, get }]
  })
  return [
    '// Made from the OpenAPI document by `npm run docs:client`; a test compares.',
    ...records.map(([name, schema]) => `export interface ${name} ${typeOf(schema)}`),
    `/** Paths below \`/fleet/v1/\`: what each takes, and gives. */\nexport interface Paths {\n${operations
      .map(({ path, get }) => `  '${path}': { query: ${queryOf(get, document)}; answer: ${answerOf(get)} }`)
      .join('\n')}\n}`,
    '',
  ].join('\n\n')
}

function queryOf({ parameters = [] }: Operation, { components }: OpenApi): string {
  const all = parameters.map((each) =>
    '$ref' in each ? (components.parameters[nameOf(each.$ref)] as Parameter) : each,
  )
  const own = all.filter((each) => each.in === 'query')
  return `{ ${own.map(({ name, schema }) => `${key(name)}?: ${valueOf(schema)}`).join('; ')} }`
}

/** What a caller writes: a list may be one value, and what is text on the wire may be what it says. */
function valueOf(schema: Schema): string {
  if (schema.items) {
    const one = valueOf(schema.items)
    return `${one} | readonly (${one})[]`
  }
  if (schema.enum) return schema.enum.map(wordOf).join(' | ')
  const type = typeOf(schema)
  return type === 'string' ? 'string | number' : type
}

/** `'true'` may be written `true`. */
function wordOf(word: unknown): string {
  return word === 'true' || word === 'false' ? `${word} | '${word}'` : `'${String(word)}'`
}

function answerOf({ responses }: Operation): string {
  const ok = responses['200']
  const schema = ok && 'content' in ok ? ok.content?.['application/json']?.schema : undefined
  return schema ? typeOf(schema) : 'unknown'
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref)
  const [whole] = schema.anyOf ?? []
  // The other is the same with fewer fields: of those that `fields` leaves out, the caller knows.
  if (whole !== undefined) return typeOf(whole)
  if (schema.enum)
    return schema.enum.map((each) => (each === null ? 'null' : `'${String(each)}'`)).join(' | ')
  const types = [schema.type ?? 'unknown'].flat()
  return types.map((type) => ofType(type, schema)).join(' | ')
}

function ofType(type: string, { items, properties, required = [], additionalProperties }: Schema): string {
  if (type === 'array') return `readonly (${items ? typeOf(items) : 'unknown'})[]`
  if (type === 'integer') return 'number'
  if (type !== 'object') return type
  if (properties === undefined) {
    const value = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'
    return `{ readonly [name: string]: ${value} }`
  }
  const members = Object.entries(properties).map(
    ([name, each]) =>
      `${each.description ? `/** ${each.description} */\n  ` : ''}readonly ${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(each)}`,
  )
  return `{\n${members.map((member) => `  ${member}`).join('\n')}\n}`
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`
}

function nameOf(ref: string): string {
  return ref.split('/').at(-1) ?? ''
}
