import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { answers, fails, type Played } from '../support/fleet-answers.ts'
import { callerWith } from '../support/fleet-gateway.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { serve, type ServedGateway } from './served.ts'

let chromium: Browser
beforeAll(async () => {
  execFileSync(join(import.meta.dirname, '../setup/debian.sh'), ['chromium'])
  chromium = await openBrowser()
}, 300_000)
afterAll(() => chromium?.close())

interface Seen {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Releases enough for pieces that are compressed, not stored. */
function releasesOf(version: string): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: 2_000 }, (_, i) =>
    release(`${version}.${i}`, 'deployed', { summary: 'Güte ✓ 🚀' }),
  )
}

/** A gateway over `east` and `west`; east answers as `become` says. */
async function serveTwo(): Promise<ServedGateway & { become(played: Played): void }> {
  let east: Played = answers(releasesOf('24.09'))
  const west = answers(releasesOf('25.09'))
  const gateway = await serve(
    [createRegion('east'), createRegion('west')],
    ({ name }) => (name === 'east' ? east : west),
    { ofWest: callerWith('reader', ['west']) },
  )
  onTestFinished(() => gateway.close())
  return { ...gateway, become: (played) => void (east = played) }
}

/** A page with a cache of its own. */
async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await chromium.newContext(options)
  onTestFinished(() => context.close())
  return context.newPage()
}

/** A page that came from the gateway, whose scripts may thus ask it. */
async function openAt(gateway: ServedGateway): Promise<Page> {
  const page = await open()
  await page.goto(gateway.url)
  return page
}

/** What a script in the page is given for GET /v1/release. */
function ask(page: Page, { as = 'operator', method = 'GET', headers = {} } = {}): Promise<Seen> {
  return page.evaluate(
    async (init) => {
      const answer = await fetch('/v1/release', init)
      const { status } = answer
      return { status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
    },
    { method, headers: { 'x-auth-token': as, ...headers } },
  )
}

/** What the gateway was asked for by scripts: `method If-None-Match status`. */
function askedBy({ served }: ServedGateway): readonly string[] {
  return served
    .filter((each) => each.includes(' /v1/release '))
    .map((each) => each.replace(' /v1/release', ''))
}

describe("Chromium's own cache", () => {
  test('asks each time whether the answer changed, and gives what it holds if not', async () => {
    const gateway = await serveTwo()
    const page = await openAt(gateway)
    const first = await ask(page)
    gateway.clock.pass(30_000)
    const second = await ask(page)

    const etag = first.headers['etag'] ?? 'none'
    expect(askedBy(gateway)).toEqual(['GET - 200', `GET ${etag} 304`])
    expect(first.headers).toMatchObject({ 'content-encoding': 'gzip', age: '0' })
    expect(second.headers).toMatchObject({ 'content-encoding': 'gzip', age: '30', etag })
    expect([second.status, second.text === first.text]).toEqual([200, true])
  })

  test('gives the new answer once a region changed', async () => {
    const gateway = await serveTwo()
    const page = await openAt(gateway)
    const first = await ask(page)
    gateway.become(answers(releasesOf('26.03')))
    gateway.clock.pass(61_000)
    const second = await ask(page)

    expect(askedBy(gateway)).toEqual(['GET - 200', `GET ${first.headers['etag']} 200`])
    expect(versionsIn(first)).toEqual(['24.09', '25.09'])
    expect(versionsIn(second)).toEqual(['25.09', '26.03'])
  })

  test('gives no one the answer of another', async () => {
    const gateway = await serveTwo()
    const page = await openAt(gateway)
    expect(versionsIn(await ask(page))).toEqual(['24.09', '25.09'])
    expect(versionsIn(await ask(page, { as: 'ofWest' }))).toEqual(['25.09'])
    expect((await ask(page, { as: 'stranger' })).status).toBe(401)
  })

  test('keeps nothing that is incomplete', async () => {
    const gateway = await serveTwo()
    gateway.become(fails('timeout'))
    const page = await openAt(gateway)
    for (const seen of [await ask(page), await ask(page)]) {
      expect([seen.status, seen.headers['fleet-complete'], seen.headers['cache-control']]).toEqual([
        200,
        '?0',
        'no-store',
      ])
    }
    expect(askedBy(gateway)).toEqual(['GET - 200', 'GET - 200'])
  })
})

describe('a script', () => {
  test('that brings its own If-None-Match is given the 304', async () => {
    const gateway = await serveTwo()
    const page = await openAt(gateway)
    const etag = (await ask(page)).headers['etag'] ?? 'none'
    const again = await ask(page, { headers: { 'if-none-match': etag } })
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag])
  })

  test('is told by HEAD what GET tells, without the body', async () => {
    const gateway = await serveTwo()
    const head = await ask(await openAt(gateway), { method: 'HEAD' })
    const get = await ask(await openAt(gateway))
    expect(head).toEqual({
      status: 200,
      headers: { ...get.headers, ...ofEachAnswer(head) },
      text: '',
    })
    expect(Number(head.headers['content-length'])).toBeGreaterThan(1_000)
  })

  test('of another origin is given nothing: its question is never put', async () => {
    const [gateway, elsewhere] = [await serveTwo(), await serveTwo()]
    const page = await openAt(elsewhere)
    const headers = { 'x-auth-token': 'operator' }
    const asked = page.evaluate(async (init) => (await fetch(init.url, init)).status, {
      url: `${gateway.url}/v1/release`,
      headers,
    })
    await expect(asked).rejects.toThrow('Failed to fetch')
    expect(askedBy(gateway)).toEqual(['OPTIONS - 401'])
  })
})

describe('the address bar', () => {
  test.each<[number, string, string | undefined, string]>([
    [401, '/v1/release', undefined, 'no token'],
    [401, '/v1/release', 'stranger', 'not a token'],
    [400, '/v1/release?nonsense=1', 'operator', 'parameter "nonsense"'],
    [404, '/v1/nothing', 'operator', 'this gateway has no GET /v1/nothing'],
    [404, '/v1/release?region_name=none', 'operator', 'no region is called "none"'],
  ])('shows a %i as JSON: %s as %s', async (status, path, as, error) => {
    const gateway = await serveTwo()
    const page = await open(as === undefined ? {} : { extraHTTPHeaders: { 'x-auth-token': as } })
    const answer = await page.goto(gateway.url + path)
    expect([answer?.status(), await answer?.headerValue('content-type'), await shown(page)]).toMatchObject([
      status,
      'application/json',
      { status, error: expect.stringContaining(error) as unknown },
    ])
  })

  test('shows a 405 as JSON when a form is posted', async () => {
    const gateway = await serveTwo()
    const page = await open({ extraHTTPHeaders: { 'x-auth-token': 'operator' } })
    await page.goto(gateway.url)
    const [answer] = await Promise.all([
      page.waitForResponse(`${gateway.url}/v1/deploy_host`),
      page.evaluate(`document.body.append(Object.assign(document.createElement('form'), {
        method: 'post', action: '/v1/deploy_host' })); document.forms[0].submit()`),
    ])
    await page.waitForURL(`${gateway.url}/v1/deploy_host`)
    expect([answer.status(), await shown(page)]).toMatchObject([
      405,
      { status: 405, error: 'POST is not possible here; GET and HEAD are' },
    ])
  })
})

/** The JSON that a reader of the page has before his eyes; throws when it is none. */
async function shown(page: Page): Promise<unknown> {
  return JSON.parse((await page.locator('pre').allInnerTexts()).join()) as unknown
}

/** What is of one answer alone. */
function ofEachAnswer({ headers }: Seen): Record<string, string> {
  return { date: headers['date'] ?? '', 'x-request-id': headers['x-request-id'] ?? '' }
}

function versionsIn({ text }: Seen): readonly string[] {
  const records = JSON.parse(text) as { sw_version: string }[]
  return [...new Set(records.map(({ sw_version }) => sw_version.split('.', 2).join('.')))].toSorted()
}
