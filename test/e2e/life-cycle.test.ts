import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StateChange } from '../../src/simulator/region/change.ts'
import { parseStxRelease, releaseFacts } from '../../src/simulator/region/release.ts'
import { planOf } from '../simulator/oneRegion.ts'
import { startSimulatedFleet, type FleetAnswer, type SimulatedFleet } from '../support/simulated-fleet.ts'

// Regions of all releases behind one gateway are updated by the documented calls alone. Each step is seen at once by who
// reads the whole fleet: what is held there is minutes old, unless a write has voided it.

const usm = ['10', '11', '12', 'master']
const patching = ['6', '8', '9', '10']
const hosts = ['controller-0', 'controller-1', 'worker-0']

let fleet: SimulatedFleet
beforeAll(async () => {
  const region = (name: string, release: string, changes: StateChange[] = []) =>
    planOf({
      name,
      subcloud: name,
      release: parseStxRelease(release),
      size: { releases: 4, packages: 1, hosts: hosts.length },
      changes,
    })
  // A host that is to reboot for its patches is locked.
  const locked = hosts.map((hostname): StateChange => ({ host: { hostname, locked: true } }))
  fleet = await startSimulatedFleet(
    {
      plans: [
        ...['9', ...usm].map((release) => region(`usm-${release}`, release)),
        ...patching.map((release) => region(`patching-${release}`, release, locked)),
      ],
      // What a region does by itself happens when the test says so; an agent takes a moment.
      transitionMs: null,
      hostMs: 5,
    },
    // Nothing is read but what somebody asks for.
    { refresh: { interval: '24h', min_age: '0s' } },
  )
})
afterAll(() => fleet.close())

describe('USM of stx 10 to master', () => {
  const version = 4
  const states = async (maxAge?: string) =>
    statesOf((await read('/v1/deploy', maxAge)).body, 'state', 'usm-', usm)
  const upgrades = async () => statesOf((await read('/v1/software_upgrade')).body, 'state', 'usm-', usm)
  const hostStates = async (maxAge?: string) =>
    statesOf((await read('/v1/deploy_host', maxAge)).body, 'host_state', 'usm-', usm)
  const releaseStates = async (number: number) => {
    const { body } = await read('/v1/release')
    const own = (body as Told[]).filter(
      ({ region_name, release_id }) => release_id === idOf(region_name, number),
    )
    return statesOf(own, 'state', 'usm-', usm)
  }
  const everywhere = (call: (region: string) => Promise<FleetAnswer>) =>
    Promise.all(usm.map(async (release) => done(await call(`usm-${release}`))))
  const post = (path: (region: string) => string) =>
    everywhere((region) => fleet.send('POST', `/regions/${region}/v1/${path(region)}`))
  const advance = () => {
    for (const release of usm) fleet.simulator.change(`usm-${release}`, { deployment: 'advance' })
  }

  test('upload, precheck, start, hosts, activate, complete, delete', async () => {
    expect(await states()).toEqual(all([]))
    await everywhere((region) => upload(region, `${idOf(region, version)}.patch`, 'usm'))
    expect(await releaseStates(version)).toEqual(all(['available']))

    const checks = await post((region) => `deploy/${idOf(region, version)}/precheck`)
    expect(checks).toEqual(usm.map(() => expect.objectContaining({ system_healthy: true, error: '' })))
    await startDeployment(version)
    await deployHosts()
    await activateDeployment()
    await post(() => 'deploy/complete')
    expect(await states()).toEqual(all(['completed']))

    await everywhere((region) => fleet.send('DELETE', `/regions/${region}/v1/deploy`))
    expect(await states()).toEqual(all([]))
    expect(await releaseStates(version)).toEqual(all(['deployed']))
    for (const release of usm) {
      const id = idOf(`usm-${release}`, version)
      const { body } = await fleet.get(`/v1/release/${id}/is_deployed?region_name=usm-${release}`)
      expect([release, body]).toEqual([release, true])
    }
  })

  test('and removed again: the start of an older release', async () => {
    await post((region) => `deploy/${idOf(region, 1)}/start`)
    // A removal has begun when its answer comes.
    expect(await states()).toEqual(all(['start-done']))
    expect(await releaseStates(version)).toEqual(all(['removing']))
    await deployHosts()
    await activateDeployment()
    await post(() => 'deploy/complete')
    await everywhere((region) => fleet.send('DELETE', `/regions/${region}/v1/deploy`))
    expect(await releaseStates(version)).toEqual(all(['available']))
    expect(await releaseStates(1)).toEqual(all(['deployed']))
  })

  test('an abort half way, and the touched host rolled back', async () => {
    await startDeployment(version)
    await post(() => 'deploy_host/controller-0')
    await post(() => 'deploy/abort')
    expect(await states()).toEqual(all(['host-rollback']))
    expect(await hostStates()).toEqual(all(['rollback-pending', 'rollback-deployed', 'rollback-deployed']))
    await post(() => 'deploy_host/controller-0/rollback')
    await endRollback()
  })

  test('an abort after the activation: that is rolled back, then each host', async () => {
    await startDeployment(version)
    await deployHosts()
    await activateDeployment()
    await post(() => 'deploy/abort')
    expect(await states()).toEqual(all(['activate-rollback-pending']))
    await post(() => 'deploy/activate_rollback')
    expect(await states()).toEqual(all(['activate-rollback-done']))
    for (const host of hosts) await post(() => `deploy_host/${host}/rollback/force`)
    await endRollback()
  })

  test('what a region says no to is its own answer, and changes nothing', async () => {
    for (const release of usm) {
      const region = `usm-${release}`
      const answer = await fleet.send('POST', `/regions/${region}/v1/deploy/complete`)
      expect(answer).toMatchObject({ status: 406, body: { error: expect.stringContaining('activate-done') } })
      const lacking = await fleet.send('DELETE', `/regions/${region}/v1/release/${idOf(region, 1)}`)
      expect((lacking.body as Said).error).not.toBe('')
    }
    expect(await states()).toEqual(all([]))
    expect(await releaseStates(1)).toEqual(all(['deployed']))
  })

  test('a release that is not deployed is deleted', async () => {
    await everywhere((region) =>
      fleet.send('DELETE', `/regions/${region}/v1/release/${idOf(region, version)}`),
    )
    expect(await releaseStates(version)).toEqual(all([]))
  })

  async function startDeployment(number: number): Promise<void> {
    await post((region) => `deploy/${idOf(region, number)}/start`)
    expect([await states(), await upgrades()]).toEqual([all(['start']), all(['start'])])
    expect(await releaseStates(number)).toEqual(all(['deploying']))
    advance()
    expect(await states('0s')).toEqual(all(['start-done']))
    expect(await hostStates('0s')).toEqual(all(hosts.map(() => 'pending')))
  }

  async function deployHosts(): Promise<void> {
    for (const [i, host] of hosts.entries()) {
      await post(() => `deploy_host/${host}`)
      expect(await hostStates()).toEqual(all(hosts.map((_, j) => (j <= i ? 'deployed' : 'pending'))))
      expect(await states()).toEqual(all([i === hosts.length - 1 ? 'host-done' : 'host']))
    }
  }

  async function activateDeployment(): Promise<void> {
    await post(() => 'deploy/activate')
    expect([await states(), await upgrades()]).toEqual([all(['activate']), all(['activate'])])
    advance()
    expect(await states('0s')).toEqual(all(['activate-done']))
  }

  async function endRollback(): Promise<void> {
    expect(await states()).toEqual(all(['host-rollback-done']))
    await everywhere((region) => fleet.send('DELETE', `/regions/${region}/v1/deploy`))
    expect(await states()).toEqual(all([]))
    expect(await releaseStates(version)).toEqual(all(['available']))
  }

  function all(words: readonly string[]): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(usm.map((release) => [`usm-${release}`, words]))
  }
})

describe('USM of stx 9', () => {
  const region = 'usm-9'
  const post = (path: string) => fleet.send('POST', `/regions/${region}/v1/${path}`)
  const states = async () => {
    const { body } = await read('/v1/release')
    const own = (body as Told[]).filter(({ region_name }) => region_name === region)
    return Object.fromEntries(own.map(({ release_id, state }) => [release_id?.replace(/.*\./, ''), state]))
  }

  test('upload, precheck, start, hosts, activate, complete, as far as its release goes', async () => {
    done(await upload(region, `${idOf(region, 4)}.patch`, 'usm'))
    expect(await states()).toMatchObject({ 2: 'available', 3: 'available', 4: 'available' })
    expect(done(await post(`deploy/${idOf(region, 3)}/precheck`))).toMatchObject({ error: '' })
    // It takes with it the release that it requires.
    done(await post(`deploy/${idOf(region, 3)}/start`))
    expect(await states()).toMatchObject({ 2: 'deploying-start', 3: 'deploying-start', 4: 'available' })
    for (const host of hosts) done(await post(`deploy_host/${host}`))
    expect(await states()).toMatchObject({ 2: 'deploying-host', 3: 'deploying-host' })

    const early = await post('deploy/activate')
    expect(early).toMatchObject({ status: 200, body: { error: expect.stringContaining('installing') } })
    for (const _ of hosts) fleet.simulator.change(region, { advance: true })
    done(await post('deploy/activate'))
    expect(await states()).toMatchObject({ 2: 'deploying-activate', 3: 'deploying-activate' })
    done(await post('deploy/complete'))
    expect(await states()).toMatchObject({ 2: 'deployed', 3: 'deployed', 4: 'available' })

    done(await fleet.send('DELETE', `/regions/${region}/v1/release/${idOf(region, 4)}`))
    expect(await states()).not.toHaveProperty('4')
  })

  test.each([
    ['POST', 'deploy/abort'],
    ['POST', 'deploy/activate_rollback'],
    ['POST', 'deploy_host/controller-0/rollback'],
    ['DELETE', 'deploy'],
  ])('%s /v1/%s is refused', async (method, path) => {
    const answer = await fleet.send(method, `/regions/${region}/v1/${path}`)
    expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('stx 9') } })
  })
})

describe('Patching of stx 6 to 10', () => {
  const names = patching.map((release) => `patching-${release}`)
  const patchOf = (region: string, number: number) => `STX_${versionOf(region)}_PATCH_000${number}`
  const everywhere = (call: (region: string) => Promise<FleetAnswer>) =>
    Promise.all(names.map(async (region) => done(await call(region))))
  const post = (path: (region: string) => string) =>
    everywhere((region) => fleet.send('POST', `/regions/${region}/v1/${path(region)}`))
  const advance = (times = 1) => {
    for (const region of names) {
      for (let i = 0; i < times; i++) fleet.simulator.change(region, { advance: true })
    }
  }
  /** The word for a patch in each region. */
  const patchstates = async (number: number, maxAge?: string) => {
    const { pd } = (await read('/v1/query', maxAge)).body as { pd: Record<string, MergedPatch> }
    return names.map((region) => pd[patchOf(region, number)]?.regions[region]?.['patchstate'] ?? 'none')
  }
  const current = async (maxAge?: string) => {
    const { data } = (await read('/v1/query_hosts', maxAge)).body as {
      data: (Told & { patch_current: boolean })[]
    }
    const own = data.filter(({ region_name }) => names.includes(region_name))
    expect(own).toHaveLength(names.length * hosts.length)
    return [...new Set(own.map(({ patch_current: is, state }) => `${is ? 'current' : 'behind'}, ${state}`))]
  }

  test('upload, apply, an install on each host; then remove, install, delete', async () => {
    expect(await current()).toEqual(['current, idle'])
    await everywhere((region) => upload(region, `${patchOf(region, 9)}.patch`, 'patching'))
    expect(await patchstates(9)).toEqual(each('Available'))
    await post((region) => `apply/${patchOf(region, 9)}`)
    expect(await patchstates(9)).toEqual(each('Partial-Apply'))
    expect(await current()).toEqual(['behind, idle'])
    await install()
    expect(await patchstates(9, '0s')).toEqual(each('Applied'))

    await post((region) => `remove/${patchOf(region, 9)}`)
    expect(await patchstates(9)).toEqual(each('Partial-Remove'))
    await install()
    expect(await patchstates(9, '0s')).toEqual(each('Available'))
    await post((region) => `delete/${patchOf(region, 9)}`)
    expect(await patchstates(9)).toEqual(each('none'))
  })

  test('several at once go one by one: what is required first, and last where they are removed', async () => {
    fleet.simulator.resetRequests()
    const both = (region: string) => `${patchOf(region, 4)}/${patchOf(region, 3)}`
    const applied = await post((region) => `apply/${both(region)}`)
    expect(applied).toEqual(
      names.map((region) =>
        expect.objectContaining({
          info: `${patchOf(region, 3)} is now in the repo\n${patchOf(region, 4)} is now in the repo\n`,
        }),
      ),
    )
    expect([await patchstates(3), await patchstates(4)]).toEqual([
      each('Partial-Apply'),
      each('Partial-Apply'),
    ])
    await install(2)
    await post((region) => `remove/${patchOf(region, 3)}/${patchOf(region, 4)}`)
    await install(2)
    expect([await patchstates(3, '0s'), await patchstates(4, '0s')]).toEqual([
      each('Available'),
      each('Available'),
    ])
    for (const { region_name, patching: seen } of fleet.simulator.requests()) {
      if (!names.includes(region_name)) continue
      const order = seen?.writes.map(({ path }) => path).filter((path) => /apply|remove/.test(path))
      const [third, fourth] = [patchOf(region_name, 3), patchOf(region_name, 4)]
      expect(order).toEqual([
        `/v1/apply/${third}`,
        `/v1/apply/${fourth}`,
        `/v1/remove/${fourth}`,
        `/v1/remove/${third}`,
      ])
    }
  })

  /** Hosts have said how they stand after each change. */
  async function install(changes = 1): Promise<void> {
    advance(changes)
    for (const host of hosts) await post(() => `host_install_async/${host}`)
    expect(await current()).toEqual(['behind, installing'])
    advance(hosts.length)
    expect(await current('0s')).toEqual(['current, idle'])
  }

  function each(word: string): string[] {
    return names.map(() => word)
  }
})

/** What door 1 tells of a record. */
interface Told {
  readonly region_name: string
  readonly release_id?: string
  readonly state?: string
  readonly host_state?: string
}
interface MergedPatch {
  readonly regions: Readonly<Record<string, Readonly<Record<string, string>>>>
}
interface Said {
  readonly info?: string
  readonly error?: string
}

/** The whole fleet, of which no region failed. */
async function read(path: string, maxAge?: string): Promise<FleetAnswer> {
  const answer = await fleet.get(maxAge === undefined ? path : `${path}?max_age=${maxAge}`)
  expect(answer).toMatchObject({ status: 200, complete: true })
  return answer
}

/** The body of an answer that says that it was done. */
function done({ status, body }: FleetAnswer): Said {
  expect({ status, error: (body as Said).error ?? '' }).toEqual({ status: 200, error: '' })
  return body as Said
}

/** Regions that have both APIs want to be told which is meant. */
function upload(region: string, file: string, service: string): Promise<FleetAnswer> {
  const form = new FormData()
  form.append(file, new Blob([Buffer.from([0x1f, 0x8b, 8, 0])]), file)
  return fleet.send('POST', `/regions/${region}/v1/upload?service=${service}`, { form })
}

/** The states that records have in each of the regions, in their order. */
function statesOf(
  body: unknown,
  key: 'state' | 'host_state',
  prefix: string,
  releases: readonly string[],
): Readonly<Record<string, readonly (string | undefined)[]>> {
  const names = releases.map((release) => prefix + release)
  return Object.fromEntries(
    names.map((name) => [
      name,
      (body as Told[]).filter(({ region_name }) => region_name === name).map((record) => record[key]),
    ]),
  )
}

function idOf(region: string, number: number): string {
  return `starlingx-${versionOf(region)}.${number}`
}

function versionOf(region: string): string {
  return releaseFacts[parseStxRelease(region.replace(/.*-/, ''))].version
}
