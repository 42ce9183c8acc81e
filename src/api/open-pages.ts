import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { matchesEtag } from './etag.ts'
import { acceptsGzip } from './gzip.ts'
import { openApi } from './openapi/document.ts'
import { docsPage } from './openapi/docs-page.ts'
import { pagePolicy } from './openapi/page.ts'
import { problemPages } from './openapi/problem-pages.ts'

/** A document that tells nothing of any fleet, so that anybody may read it. */
export type OpenPages = (path: string, headers: Headers) => Response | undefined

const html = 'text/html; charset=utf-8'

interface Page {
  readonly type: string
  readonly text: string
}

/** `/openapi.json`, `/docs` and `/problems/…`: how to use this gateway. `version` is its own. */
export function createOpenPages(version: string): OpenPages {
  const document = openApi(version)
  const pages: ReadonlyMap<string, (headers: Headers) => Response> = new Map([
    ['/openapi.json', served({ type: 'application/json', text: JSON.stringify(document) })],
    ['/docs', served({ type: html, text: docsPage(document) })],
    ...problemPages().map(({ path, text }) => [path, served({ type: html, text })] as const),
  ])
  return (path, headers) => pages.get(path)?.(headers)
}

function served({ type, text }: Page): (headers: Headers) => Response {
  const codings = {
    identity: { body: new Uint8Array(Buffer.from(text)), etag: etagOf(text, '') },
    gzip: { body: new Uint8Array(gzipSync(text)), etag: etagOf(text, '-gzip') },
  }
  return (given) => {
    const coding = acceptsGzip(given.get('accept-encoding') ?? undefined) ? 'gzip' : 'identity'
    const { body, etag } = codings[coding]
    const headers = {
      'cache-control': 'no-cache',
      'content-security-policy': pagePolicy,
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
      etag,
    }
    if (matchesEtag(given.get('if-none-match') ?? undefined, etag))
      return new Response(null, { status: 304, headers })
    return new Response(body, {
      headers: { ...headers, 'content-type': type, ...(coding === 'gzip' && { 'content-encoding': 'gzip' }) },
    })
  }
}

function etagOf(text: string, coding: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}${coding}"`
}
