import { expect, test } from 'vitest'
import { callerWith } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { patchingHost } from '../support/fleet-records.ts'
import { createFilledGateway, playOf, type FilledGateway, type FleetList } from './fleet-setup.ts'

const regions = ['a', 'b', 'c', 'd', 'e'].map((name) => createRegion(name))
const callers = {
  other: { ...callerWith('reader'), subject: 'other' },
  narrow: callerWith('reader', ['a', 'b', 'c']),
}

/** Five regions of three hosts; `current` is what the last host of each says from now on. */
async function createHosts(): Promise<FilledGateway & { current: boolean }> {
  const state = { current: true }
  const gateway = await createFilledGateway(
    regions,
    (region, want) => {
      const hosts = [patchingHost('c-0'), patchingHost('c-1'), patchingHost('w-0', state.current)]
      return playOf({ [region.name]: { query_hosts: { data: hosts } } })(region, want)
    },
    callers,
  )
  return Object.assign(state, gateway)
}

function namesIn({ items }: FleetList): readonly string[] {
  return items.map(({ region_name, hostname }) => `${String(region_name)} ${String(hostname)}`)
}

async function follow(
  gateway: FilledGateway,
  query: string,
  between: () => Promise<void>,
): Promise<FleetList[]> {
  const pages = [await gateway.list(query)]
  for (let last = pages[0]; last?.next_page_token; last = pages.at(-1)) {
    await between()
    pages.push(await gateway.list(`${query}&page_token=${last.next_page_token}`))
  }
  return pages
}

test('the pages laid end to end are the whole list, while the fleet changes', async () => {
  const gateway = await createHosts()
  const whole = await gateway.list('hosts?page_size=1000')
  const pages = await follow(gateway, 'hosts?page_size=4', async () => {
    gateway.current = !gateway.current
    await gateway.refresh()
  })
  expect(pages.map(({ items }) => items.length)).toEqual([4, 4, 4, 3])
  expect(pages.flatMap(namesIn)).toEqual(namesIn(whole))
  expect(new Set(pages.map(({ meta }) => meta.snapshot)).size).toBe(1)
  expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([15]))
  expect(pages.flatMap(({ items }) => items)).toEqual(whole.items)
})

test('a page size may change on the way', async () => {
  const gateway = await createHosts()
  const first = await gateway.list('hosts?page_size=2')
  const second = await gateway.list(`hosts?page_size=13&page_token=${first.next_page_token}`)
  expect([first, second].flatMap(namesIn)).toEqual(namesIn(await gateway.list('hosts')))
  expect(second.next_page_token).toBeNull()
})

async function problemOf(gateway: FilledGateway, path: string, as = 'operator'): Promise<unknown> {
  const answer = await gateway.get(`/fleet/v1/${path}`, { as })
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  return answer.json()
}

test('a token ends after two minutes', async () => {
  const gateway = await createHosts()
  const { next_page_token } = await gateway.list('hosts?page_size=2')
  gateway.clock.pass(2 * 60_000 - 1_000)
  expect((await gateway.list(`hosts?page_size=2&page_token=${next_page_token}`)).items).toHaveLength(2)
  gateway.clock.pass(1_001)
  expect(await problemOf(gateway, `hosts?page_size=2&page_token=${next_page_token}`)).toMatchObject({
    type: '/problems/gone',
    title: 'The snapshot is gone',
    status: 410,
  })
})

test('a token from before a restart is gone', async () => {
  const { next_page_token } = await (await createHosts()).list('hosts?page_size=2')
  const problem = await problemOf(await createHosts(), `hosts?page_size=2&page_token=${next_page_token}`)
  expect(problem).toMatchObject({ status: 410 })
})

test.each([
  ['of another caller', 'hosts?page_size=2', 'other'],
  ['of a caller who sees less', 'hosts?page_size=2', 'narrow'],
  ['with another filter', 'hosts?page_size=2&patch_current=true', 'operator'],
  ['of another list', 'regions?page_size=2', 'operator'],
])('a token %s is refused', async (_, query, as) => {
  const gateway = await createHosts()
  const { next_page_token } = await gateway.list('hosts?page_size=2')
  expect(await problemOf(gateway, `${query}&page_token=${next_page_token}`, as)).toMatchObject({
    type: '/problems/bad-parameter',
    status: 400,
    detail: 'parameter "page_token": it belongs to another caller, or to other parameters',
  })
})

test.each(['x', '', 'AAAA', 'e30', 'a'.repeat(600)])('what is no token is refused: %s', async (token) => {
  const gateway = await createHosts()
  expect(await problemOf(gateway, `hosts?page_token=${token}`)).toMatchObject({ status: 400 })
})

test('a token whose page was changed is refused', async () => {
  const gateway = await createHosts()
  const { next_page_token } = await gateway.list('hosts?page_size=2')
  const text = Buffer.from(next_page_token ?? '', 'base64url').toString()
  const changed = Buffer.from(text.replace('.2.', '.3.')).toString('base64url')
  expect(await problemOf(gateway, `hosts?page_size=2&page_token=${changed}`)).toMatchObject({ status: 400 })
})
