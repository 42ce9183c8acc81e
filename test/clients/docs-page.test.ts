import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'

let served: Served
beforeAll(async () => {
  served = await serveRegions({ regions: { 'boston-1': {} } })
})
afterAll(() => served.close())

test.each([
  ['/openapi.json', 'application/json'],
  ['/docs', 'text/html; charset=utf-8'],
])('%s needs no token, is compressed where that is wanted, and is not sent twice', async (path, type) => {
  const plain = await fetch(served.url + path, { headers: { 'accept-encoding': 'identity' } })
  expect([plain.status, plain.headers.get('content-type')]).toEqual([200, type])
  const text = await plain.text()
  const packed = await fetch(served.url + path, { headers: { 'accept-encoding': 'gzip' } })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect(await packed.text()).toBe(text)
  expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'))
  const again = await fetch(served.url + path, {
    headers: { 'accept-encoding': 'identity', 'if-none-match': plain.headers.get('etag') ?? '' },
  })
  expect([again.status, await again.text()]).toEqual([304, ''])
  const head = await fetch(served.url + path, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  // With anything but GET it is a path like any other: a token first.
  expect((await fetch(served.url + path, { method: 'POST' })).status).toBe(401)
})

test('the page shows in a browser, styled, with nothing fetched and nothing refused', async () => {
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    const asked: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`${served.url}/docs`)
    expect(await page.title()).toBe('StarlingX Fleet Gateway API')
    const operation = page.locator('#fleet_hosts')
    await operation.locator('summary').click()
    const row = operation.locator('tr', {
      has: page.locator('td:first-child code', { hasText: /^sw_version$/ }),
    })
    expect(await row.innerText()).toContain('.lt')
    expect(
      await page.evaluate("getComputedStyle(document.querySelector('#fleet_hosts')).borderTopStyle"),
    ).toBe('solid')
    await operation.getByRole('link', { name: 'FleetHosts' }).click()
    expect(new URL(page.url()).hash).toBe('#FleetHosts')
    // What a link leads to is open, not a closed line that has to be found and opened.
    await page.locator('#FleetHosts td').first().waitFor({ state: 'visible' })
    expect(asked.filter((url) => !url.startsWith(`${served.url}/docs`))).toEqual([])
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
})
