import { expect, test } from 'vitest'
import { patchingHost } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { answering, scraped } from './scraped.ts'

const regions = Array.from({ length: 300 }, (_, i) => createRegion(`r${String(i).padStart(3, '0')}`))
const hosts = { query_hosts: { data: [patchingHost('controller-0')] } }

const isPage = (chunk: Buffer): boolean =>
  chunk.toString('latin1', 0, 11) === 'stx_region_' || chunk.toString('latin1', 0, 9) === 'stx_host_'

test('what did not change is laid with the same bytes, so that it is compressed once', async () => {
  let version = '22.12'
  const { chunks, refresh, clock } = scraped(regions, ({ name }, { resource }) =>
    answering(
      name === 'r299'
        ? { query_hosts: { data: [patchingHost('controller-0', true, { nodetype: version })] } }
        : hosts,
    )(resource),
  )
  await refresh()
  const before = new Set(await chunks())
  const again = await chunks()
  expect(again.filter((chunk) => isPage(chunk) && !before.has(chunk))).toEqual([])

  version = 'worker'
  clock.pass(1_000)
  await refresh()
  const changed = (await chunks()).filter((chunk) => isPage(chunk) && !before.has(chunk))
  // Every region was observed anew; of all else only the page of the one that changed is new.
  const families = changed.map((chunk) => /^\w+/.exec(chunk.toString())?.[0])
  expect(new Set(families)).toEqual(
    new Set([
      'stx_region_observed_timestamp_seconds',
      'stx_host_patch_current',
      'stx_host_requires_reboot',
      'stx_host_patch_failed',
    ]),
  )
  expect(families.filter((name) => name === 'stx_host_patch_current')).toHaveLength(1)
})

test('every sample of a family stands with the others, behind one head', async () => {
  const { text, refresh } = scraped(regions, (_, { resource }) => answering(hosts)(resource))
  await refresh()
  const order = (await text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^(?:# (?:HELP|TYPE) )?(\w+)/.exec(line)?.[1] ?? '')
  const runs = order.filter((name, i) => name !== order[i - 1])
  expect(runs).toEqual([...new Set(order)])
})

test('a part of the fleet is the lines of the whole that are about it, with counts of its own', async () => {
  const { text, refresh } = scraped(regions, (_, { resource }) => answering(hosts)(resource))
  await refresh()
  const isPart = (line: string): boolean => /region_name="r0[0-4]/.test(line)
  const ofRegions = (all: string): string[] => all.split('\n').filter((line) => line.includes('region_name='))
  const part = await text(({ name }) => /^r0[0-4]/.test(name))
  expect(ofRegions(part)).toEqual(ofRegions(await text()).filter(isPart))
  expect(part).toContain('stx_fleet_regions{resource="query_hosts",status="fresh"} 50\n')
})
