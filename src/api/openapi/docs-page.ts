import { createHash } from 'node:crypto'
import type { OpenApi } from './document.ts'
import type { Operation, Parameter, ResponseObject } from './operation.ts'
import type { Schema } from './schema.ts'

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 18%, Canvas); --soft: color-mix(in srgb, CanvasText 6%, Canvas) }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem 1.5rem 4rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
code { font: 0.9em ui-monospace, monospace; background: var(--soft); padding: 0.1em 0.3em; border-radius: 3px }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.4rem 0; padding: 0 0.8rem }
summary { cursor: pointer; padding: 0.4rem 0; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 4.2rem; font: 700 0.8rem ui-monospace, monospace }
summary span { color: GrayText }
.table { overflow-x: auto } table { border-collapse: collapse; width: 100%; margin: 0.4rem 0 0.8rem }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.8rem 0.25rem 0; border-top: 1px solid var(--line) }
td:first-child { white-space: nowrap }
`

/** What lets this page look as it does, and nothing run: for `content-security-policy`. */
export const docsPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The document as one page that needs nothing else: no script, no font, no network. */
export function docsPage(document: OpenApi): string {
  const { info, tags, paths, components } = document
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    const each = own.map(({ path, method, operation }) => operationHtml(method, path, operation, document))
    return `<h2>${html(name)}</h2><p>${html(description)}</p>${each.join('')}`
  })
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="${html(name)}"><summary><code>${html(name)}</code></summary>${fieldsTable(schema)}</details>`,
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${html(info.title)} API</title><style>${style}</style></head><body>
<h1>${html(info.title)} <small>${html(info.version)}</small></h1><p>${prose(info.description)}</p>
<p>As data: <a href="/openapi.json"><code>/openapi.json</code></a>. Every call but that one and this page needs a token, as
<code>Authorization: Bearer …</code>, <code>X-Auth-Token</code> or <code>OIDC-Token</code>.</p>
${sections.join('')}<h2>Records</h2>${schemas.join('')}</body></html>`
}

function operationHtml(method: string, path: string, operation: Operation, { components }: OpenApi): string {
  const parameters = (operation.parameters ?? []).map((each) =>
    '$ref' in each ? (components.parameters[nameOf(each.$ref)] as Parameter) : each,
  )
  // Of a filter its operators are told beside it: as rows of their own they would hide the rest.
  const plain = parameters.filter(({ name }) => !name.includes('.'))
  const operatorsOf = (name: string): string =>
    parameters
      .filter((each) => each.name.startsWith(`${name}.`))
      .map((each) => ` <code>${html(each.name.slice(name.length))}</code>`)
      .join('')
  const rows = plain.map(
    ({ name, in: place, description, schema, required }) =>
      `<tr><td><code>${html(name)}</code>${required ? ' *' : ''}</td><td>${html(place)}</td><td>${typeHtml(schema)}${operatorsOf(name)}</td><td>${prose(description)}</td></tr>`,
  )
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const told = '$ref' in response ? components.responses[nameOf(response.$ref)] : response
    return `<tr><td><code>${html(status)}</code></td><td>${told ? responseHtml(told) : ''}</td></tr>`
  })
  const body = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<p>Body: <code>${html(type)}</code></p>${fieldsTable(schema)}`,
  )
  return `<details id="${html(operation.operationId)}"><summary><b>${html(method.toUpperCase())}</b> <code>${html(path)}</code> <span>${html(operation.summary)}</span></summary>
<p>${prose(operation.description ?? '')}</p>${table(rows)}${body.join('')}${table(responses)}</details>`
}

function responseHtml({ description, content = {} }: ResponseObject): string {
  const types = Object.entries(content).map(
    ([type, { schema }]) => `<code>${html(type)}</code> ${typeHtml(schema)}`,
  )
  return [prose(description), ...types].join('<br>')
}

function fieldsTable({ properties = {}, required = [] }: Schema): string {
  return table(
    Object.entries(properties).map(
      ([name, schema]) =>
        `<tr><td><code>${html(name)}</code>${required.includes(name) ? '' : ' ?'}</td><td>${typeHtml(schema)}</td><td>${prose(schema.description ?? '')}</td></tr>`,
    ),
  )
}

function typeHtml(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref)
    return `<a href="#${html(name)}">${html(name)}</a>`
  }
  const [first] = schema.anyOf ?? []
  if (first !== undefined) return typeHtml(first)
  if (schema.oneOf) return schema.oneOf.map(typeHtml).join(' or ')
  if (schema.items) return `list of ${typeHtml(schema.items)}`
  if (schema.enum) return schema.enum.map((each) => `<code>${html(each)}</code>`).join(' ')
  if (schema.properties) {
    const members = Object.entries(schema.properties).map(
      ([name, each]) => `${html(name)}: ${typeHtml(each)}`,
    )
    return members.length <= 4 ? `{ ${members.join(', ')} }` : 'object'
  }
  return html([schema.type ?? 'any'].flat().join(' or '))
}

function table(rows: readonly string[]): string {
  return rows.length === 0 ? '' : `<div class="table"><table>${rows.join('')}</table></div>`
}

function nameOf(ref: string): string {
  return ref.split('/').at(-1) ?? ''
}

/** Text in which what stands between backticks is code. */
function prose(text: unknown): string {
  return html(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function html(text: unknown): string {
  return String(text).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
