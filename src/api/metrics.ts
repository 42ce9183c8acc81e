import type { Context } from 'hono'
import type { Directory } from '../fleet/directory.ts'
import type { Chunks } from '../fleet/lay.ts'
import { select, type Scope } from '../fleet/select.ts'
import { contentTypes, type Format } from '../metrics/exposition.ts'
import type { Region } from '../model/region.ts'
import { acceptsGzip, gzip } from './gzip.ts'
import { bad, parseSelection, selectionParameters } from './parameters.ts'
import { printable, Problem } from './problem.ts'
import { sendChunks, type Env } from './send.ts'

/** Which regions a scrape names, of those in `scope`; undefined: it names none. Throws a `Problem`. */
export function scrapedRegions(
  query: URLSearchParams,
  directory: Directory,
  scope: Scope,
): Scope | undefined {
  for (const name of query.keys()) {
    if (!selectionParameters.includes(name)) {
      throw bad(name, `unknown here; allowed are ${selectionParameters.join(', ')}`)
    }
  }
  if (query.size === 0) return undefined
  const { regions, unknown } = select(directory, scope, parseSelection(query))
  if (unknown[0] !== undefined) {
    throw new Problem(404, 'unknown-region', `no region is called "${printable(unknown[0])}"`)
  }
  const names = new Set(regions.map(({ name }) => name))
  return (region: Region) => names.has(region.name) && scope(region)
}

/** Answers a scrape in the form and the coding that it accepts. */
export async function sendMetrics(
  context: Context<Env>,
  make: (format: Format) => Promise<Chunks>,
): Promise<Response> {
  const format = formatOf(context.req.header('accept'))
  const chunks = await make(format)
  const headers = {
    'content-type': contentTypes[format],
    'cache-control': 'no-store',
    ...(context.get('requestId') && { 'x-request-id': context.get('requestId') }),
    vary: 'Authorization, X-Auth-Token, OIDC-Token, Accept, Accept-Encoding',
  }
  if (!acceptsGzip(context.req.header('accept-encoding'))) return sendChunks(context, headers, chunks)
  return sendChunks(context, { ...headers, 'content-encoding': 'gzip' }, await gzip(chunks))
}

/** OpenMetrics only where it is asked for by name, and preferred: a browser takes anything. */
export function formatOf(accept: string | undefined): Format {
  let openmetrics = 0
  let text = 0
  for (const each of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = each.split(';').map((part) => part.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2)) || 0
    const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice(8)
    if (type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0')) {
      openmetrics = Math.max(openmetrics, weight)
    }
    if (type === 'text/plain') text = Math.max(text, weight)
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text'
}
