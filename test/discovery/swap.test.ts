import { expect, onTestFinished, test } from 'vitest'
import { startDiscovering } from '../support/discovering-gateway.ts'
import { json, subcloudEntry } from '../support/scripted-central.ts'
import { createScriptedRegion } from '../support/scripted-region.ts'
import { until } from '../support/simulated-fleet.ts'

const addresses = ['10.0.0.1', '10.0.0.2'] as const
const [east, west] = ['1'.padStart(32, '0'), '2'.padStart(32, '0')]
const markOf = (name: string): string => `starlingx-of-${name}`

/** Two regions at two addresses. What is asked while answers are held is answered by who is there afterwards. */
async function createPlace() {
  let regions = [east, west]
  let holding: PromiseWithResolvers<void> | undefined
  const waiting: string[] = []
  const site = await createScriptedRegion(async ({ path }) => {
    const [, address, ...rest] = path.split('/')
    waiting.push(address ?? '')
    await holding?.promise
    if (rest.join('/') === 'v1') return json(200, { id: 'v1', release: [], links: [] })
    const owner = regions[address === addresses[0] ? 0 : 1] ?? ''
    const release = { release_id: markOf(owner), sw_version: '26.3.0', state: 'deployed' }
    return json(200, rest.at(-1) === 'release' ? [release] : [])
  })
  return {
    url: site.url,
    close: () => site.close(),
    swap: () => void (regions = regions.toReversed()),
    /** dcmanager's list, as it would be now. */
    list: () => ({
      subclouds: regions.map((name, i) =>
        subcloudEntry(Number(name), {
          'management-start-ip': addresses[i],
          'software-version': '26.03',
        }),
      ),
    }),
    hold() {
      holding = Promise.withResolvers()
      waiting.length = 0
    },
    release() {
      holding?.resolve()
      holding = undefined
    },
    /** Requests that wait at each address. */
    waiting: () => addresses.map((address) => waiting.filter((each) => each === address).length),
  }
}

test('two regions swap their addresses while they are read: nothing of one is told of the other', async () => {
  const place = await createPlace()
  onTestFinished(() => place.close())
  const { central, told, close } = await startDiscovering(
    { interval: '50ms', endpoints: { usm: `${place.url}/{ip}` } },
    ({ says }) => void (says.subclouds = place.list()),
  )
  onTestFinished(close)

  const wrong: string[] = []
  let records = 0
  const look = async (target: string): Promise<void> => {
    const text = await told(target)
    for (const { region_name, release_id } of recordsIn(text)) {
      records++
      if (release_id !== markOf(region_name)) wrong.push(`${target}: ${text}`)
    }
  }
  const lists = (): number => central.requests.filter(({ path }) => path === '/v1.0/subclouds').length
  const reading = { on: true }
  onTestFinished(() => void (reading.on = false))
  const readers = ['/v1/release?max_age=0', '/v1/release', '/v1/release?with=subcloud_name'].map(
    async (target) => {
      while (reading.on) await look(target)
    },
  )
  await until(() => records > 10)

  for (let swaps = 0; swaps < 6; swaps++) {
    place.hold()
    await until(() => place.waiting().every((count) => count > 0))
    place.swap()
    central.says.subclouds = place.list()
    // Who asks for the list again has taken over the one before.
    const asked = lists()
    await until(() => lists() >= asked + 2)
    place.release()
    const before = records
    await until(() => records > before + 10)
    for (const name of [east, west]) {
      expect(await told(`/regions/${name}/v1/release`)).toContain(markOf(name))
      await look(`/v1/release?region_name=${name}&max_age=0`)
    }
  }
  reading.on = false
  await Promise.all(readers)
  expect(wrong).toEqual([])
})

/** Those of a list; an answer about regions that gave none has no records. */
function recordsIn(text: string): readonly { readonly region_name: string; readonly release_id: string }[] {
  const value: unknown = JSON.parse(text)
  return Array.isArray(value) ? (value as { region_name: string; release_id: string }[]) : []
}
