import type { OpenApi } from './document.ts'
import type { Operation, Parameter, ResponseObject } from './operation.ts'
import { html, page, prose, table } from './page.ts'
import type { Schema } from './schema.ts'

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
      // Browsers open what a link leads into, not what it leads to.
      `<details><summary><code>${html(name)}</code></summary><div id="${html(name)}">${fieldsTable(schema)}</div></details>`,
  )
  return page(
    `${String(info.title)} API`,
    `<h1>${html(info.title)} <small>${html(info.version)}</small></h1><p>${prose(info.description)}</p>
<p>As data: <a href="/openapi.json"><code>/openapi.json</code></a>. What errors mean: <a href="/problems"><code>/problems</code></a>.
Every other call needs a token, as <code>Authorization: Bearer …</code>, <code>X-Auth-Token</code> or <code>OIDC-Token</code>.</p>
${sections.join('')}<h2>Records</h2>${schemas.join('')}`,
  )
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

function nameOf(ref: string): string {
  return ref.split('/').at(-1) ?? ''
}
