import { pythonJson } from './pythonJson.ts'
import type { Answer } from './answer.ts'
import { textAnswer } from './answer.ts'

/**
 * The type that webob picks for an Accept header: the best weight, and among equals the first one offered.
 * Undefined: none will do. An absent header accepts everything.
 */
export function pickType(accept: string | undefined, offers: readonly string[]): string | undefined {
  if (accept === undefined) return offers[0]
  const ranges = accept.split(',').map(parseRange)
  let best: { offer: string; weight: number } | undefined
  for (const offer of offers) {
    const weight = weightOf(offer, ranges)
    if (weight > 0 && weight > (best?.weight ?? 0)) best = { offer, weight }
  }
  return best?.offer
}

interface Range {
  readonly type: string
  readonly weight: number
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, weight: q ? Number(q.slice(2)) : 1 }
}

/** The most specific range that covers the type decides. */
function weightOf(offer: string, ranges: readonly Range[]): number {
  const group = `${offer.split('/')[0]}/*`
  for (const name of [offer, group, '*/*']) {
    const range = ranges.find((candidate) => candidate.type === name)
    if (range) return range.weight
  }
  return 0
}

const titles: Readonly<Record<number, readonly [title: string, explanation: string]>> = {
  401: ['Unauthorized', 'This server could not verify that you are authorized to access the document.'],
  403: ['Forbidden', 'Access was denied to this resource.'],
  404: ['Not Found', 'The resource could not be found.'],
  405: ['Method Not Allowed', ''],
}

/**
 * A webob exception as it is: JSON, HTML or plain text, by Accept (recordings auth-404-release-json, -any,
 * -none and unknown-route). `description` is null where pecan gave none, '' where a handler gave none.
 */
export function negotiatedError(
  status: number,
  accept: string | undefined,
  detail = '',
  options: { description?: string | null; headers?: Answer['headers'] } = {},
): Answer {
  const [title, explanation] = titles[status] ?? [`Status ${status}`, '']
  const heading = `${status} ${title}`
  const type = accept === undefined ? undefined : pickType(accept, ['text/html', 'application/json'])
  if (type === 'application/json') {
    const description = options.description === undefined ? detail : options.description
    const value = { code: status, title, description }
    return { ...textAnswer(status, type, pythonJson(value), options.headers), json: value }
  }
  if (type === 'text/html') {
    return textAnswer(
      status,
      'text/html; charset=UTF-8',
      page(heading, `${explanation}<br /><br />\n${detail}\n\n`),
      options.headers,
    )
  }
  const text = `${heading}\n\n${explanation}\n\n ${detail}  `
  return textAnswer(status, 'text/plain; charset=UTF-8', text, options.headers)
}

/** A 405 names the method (recordings auth-405-any, -none, -cli). */
export function methodNotAllowed(
  method: string,
  accept: string | undefined,
  headers: Answer['headers'],
): Answer {
  const type = accept === undefined ? undefined : pickType(accept, ['text/html', 'application/json'])
  if (type === 'application/json') return negotiatedError(405, accept, '', { headers })
  const why = `The method ${method} is not allowed for this resource. `
  const heading = '405 Method Not Allowed'
  return type === 'text/html'
    ? textAnswer(405, 'text/html; charset=UTF-8', page(heading, `${why}<br /><br />\n`), headers)
    : textAnswer(405, 'text/plain; charset=UTF-8', `${heading}\n\n${why}\n\n `, headers)
}

/** pecan's refusal of an Accept header (recordings auth-404-path-html and query-accept-vendor). */
export function notAcceptable(accept: string): Answer {
  const why = 'The resource could not be generated that was acceptable to your browser'
  return pickType(accept, ['text/html']) === undefined
    ? textAnswer(
        406,
        'text/plain; charset=UTF-8',
        `406 Not Acceptable\n\n${why} (content of type ${accept}. \n\n `,
      )
    : textAnswer(
        406,
        'text/html; charset=UTF-8',
        page('406 Not Acceptable', `${why}\n(content of type ${accept}. <br /><br />\n`),
      )
}

/** An HTML page of webob. */
export function page(heading: string, body: string): string {
  const head = `<html>\n <head>\n  <title>${heading}</title>\n </head>\n`
  return `${head} <body>\n  <h1>${heading}</h1>\n  ${body}\n </body>\n</html>`
}
