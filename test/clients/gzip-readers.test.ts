import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { answers } from '../support/fleet-answers.ts'
import { patch, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { rawGet, type RawAnswer } from '../support/fleet-socket.ts'
import { browser, curl, gunzip, nodeFetch, python, undici, type Reader } from './readers.ts'
import { serve, type ServedGateway } from './served.ts'

// An answer is assembled from each region's own compression. That it is gzip, its readers say.

/** Releases of each region: large and small pieces side by side, and none at the ends and in the middle. */
const counts = [0, 6_000, 0, 1, ...Array.from({ length: 60 }, (_, i) => i * 2), 2_000, 0]

let gateway: ServedGateway
let chromium: Browser
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  execFileSync(join(import.meta.dirname, '../setup/debian.sh'), ['chromium', 'curl', 'gzip', 'python3'])
  gateway = await serve(
    counts.map((_, i) => createRegion(nameOf(i))),
    ({ name }, { resource }) => {
      const count = counts[Number(name.slice(1))] ?? 0
      const each = Array.from({ length: count }, (_, i) => i)
      if (resource === 'release') {
        return answers(each.map((i) => release(`24.09.${i}`, 'deployed', { summary: words(i) })))
      }
      const pd = Object.fromEntries(each.map((i) => [`P-${i}`, patch('Applied', { summary: words(i) })]))
      return answers({ pd })
    },
  )
  chromium = await openBrowser()
  page = await chromium.newPage({ extraHTTPHeaders: { 'x-auth-token': 'operator' } })
  page.on('console', (message) => {
    // A browser asks for the icon by itself.
    if (message.location().url !== `${gateway.url}/favicon.ico`) complaints.push(message.text())
  })
  page.on('pageerror', (error) => void complaints.push(error.message))
  await page.goto(gateway.url)
  await page.setExtraHTTPHeaders({})
}, 300_000)
afterAll(async () => {
  await chromium?.close()
  await gateway?.close()
})

const readers: readonly [string, Reader][] = [
  ['curl', curl()],
  ['curl that speaks HTTP/1.0', curl('--http1.0')],
  ['the program gzip', gunzip],
  ["Node's fetch", nodeFetch],
  ['undici', undici],
  ["Python's gzip", python('plain = gzip.decompress(answer.read())')],
  ["Python's gzip, as a stream", python('plain = gzip.GzipFile(fileobj=answer).read()')],
  // It reads the first member of several and says nothing of the others; requests is built on it.
  ["Python's zlib", python('plain = zlib.decompressobj(31).decompress(answer.read())')],
  ['Chromium', browser(() => page)],
]

describe.each([
  ['/v1/release', 2_000_000],
  ['/v1/release?release=24.09.0', 5_000],
  ['/v1/release?show=deploying', 2],
  ['/v1/query', 1_000_000],
  [`/v1/query?region_name=${nameOf(1)}`, 1_000_000],
])('%s', (path, atLeast) => {
  let plain: RawAnswer
  let packed: RawAnswer
  beforeAll(async () => {
    plain = await rawGet(gateway.url, path, ['X-Auth-Token: operator'])
    packed = await rawGet(gateway.url, path, ['X-Auth-Token: operator', 'Accept-Encoding: gzip'])
  })

  test('is itself when it is not packed', () => {
    expect([plain.status, plain.headers.get('content-encoding')]).toEqual([200, undefined])
    expect(plain.body.length).toBeGreaterThanOrEqual(atLeast)
    const text = plain.body.toString()
    expect(JSON.parse(text)).toBeTypeOf('object')
    expect(text.includes('修正 🚀')).toBe(atLeast > 2)
  })

  test.each(readers)('is read by %s, byte for byte', async (_, read) => {
    const { headers, body } = await read(gateway.url + path, 'operator')
    expect(body.equals(plain.body)).toBe(true)
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-length': String(packed.body.length),
      'content-type': 'application/json',
      etag: packed.headers.get('etag'),
      vary: 'Authorization, X-Auth-Token, OIDC-Token, Accept, Accept-Encoding',
    })
  })
})

test('Chromium had nothing to complain of', () => {
  expect(complaints).toEqual([])
})

function nameOf(i: number): string {
  return `r${String(i).padStart(3, '0')}`
}

/** Characters of one to four bytes, never twice the same. */
function words(i: number): string {
  return `Güte ✓ 修正 🚀 ${i} ${'é'.repeat(i % 40)} ${(i * 2_654_435_761) % 2 ** 32}`
}
