import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documentedQueries, filledIn, panelQueries, rules, seriesIn, variableQueries } from './expressions.ts'
import { until } from '../support/simulated-fleet.ts'
import { createWorld, hasAgents, interval, isCurrent, isLit, speaksUsm, total, type World } from './world.ts'

// A real Prometheus over real gateways: what its queries give is what is so in the simulated regions.

let world: World
beforeAll(async () => {
  world = await createWorld()
}, 120_000)
afterAll(() => world.close())

const truth = () => world.large.simulator.truth()
const lit = () => truth().filter(isLit)

/** One value; NaN where there is none, or more. */
async function valueOf(expression: string): Promise<number> {
  const [only, ...more] = await world.prometheus.query(expression)
  return only === undefined || more.length > 0 ? NaN : only.value
}
/** The values of a label of all series that an expression gives, in order. */
async function namesOf(expression: string, label = 'region_name'): Promise<readonly string[]> {
  return (await world.prometheus.query(expression)).map(({ labels }) => labels[label] ?? '').toSorted()
}
/** On a busy machine a scrape may fail now and then, and all series are gone until the next: that is no lie. */
async function settles<T>(read: () => Promise<T>, so: T): Promise<void> {
  const end = performance.now() + 20_000
  let told = await read()
  while (!isDeepStrictEqual(told, so) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    told = await read()
  }
  expect(told).toEqual(so)
}

test('scrapes succeed, and no sample of them is refused', async () => {
  await settles(() => namesOf('min_over_time(up[3s]) == 1', 'instance'), ['east', 'large', 'small'])
  const own = await (await fetch(`${world.prometheus.url}/metrics`)).text()
  const refused = [...own.matchAll(/^(prometheus_target_scrapes?_\w*(?:sample|limit)\w*_total) (\d+)/gm)]
  expect(refused.length).toBeGreaterThan(3)
  expect(refused.filter(([, , count]) => count !== '0').map(([line]) => line)).toEqual([])
})

describe('what is counted is what is so', () => {
  test('regions', async () => {
    const counted = (name: string): Promise<number> => valueOf(`stx:regions${name}:count{instance="large"}`)
    const current = lit().filter(isCurrent).length
    await settles(
      async () => ({
        all: await counted(''),
        current: await counted('_patch_current'),
        not: await counted('_not_patch_current'),
        unknown: await counted('_unknown'),
      }),
      { all: total, current, not: lit().length - current, unknown: total - lit().length },
    )
    await settles(() => valueOf('stx:regions_patch_current:ratio{instance="large"}'), current / total)
  })

  test('regions that are not current, by name', async () => {
    const behind = lit().filter((region) => !isCurrent(region))
    expect(behind.length).toBeGreaterThan(30)
    await settles(
      () => namesOf('stx_region_patch_current{instance="large"} == 0'),
      behind.map(({ region_name }) => region_name).toSorted(),
    )
  })

  test('regions that are dark', async () => {
    const dark = truth().filter((region) => !isLit(region))
    expect(dark.length).toBeGreaterThan(10)
    await settles(
      () => namesOf('stx_region_up{instance="large"} == 0'),
      dark.map(({ region_name }) => region_name).toSorted(),
    )
  })

  test('hosts that are current, and hosts that are not', async () => {
    const hosts = lit()
      .filter(hasAgents)
      .flatMap(({ region_name, hosts: all, deploy_hosts }) =>
        all.map(({ hostname, patch_current }) => {
          // A host that is being deployed is current when both say so.
          const deployed = deploy_hosts.find((host) => host.hostname === hostname)?.host_state ?? 'deployed'
          return { region: region_name, hostname, patch_current: patch_current && deployed === 'deployed' }
        }),
      )
    const told = (value: number): Promise<readonly string[]> =>
      // Those that only a deployment tells of have no type.
      world.prometheus
        .query(`stx_host_patch_current{instance="large",node_type!=""} == ${value}`)
        .then((all) => all.map(({ labels }) => `${labels['region_name']} ${labels['hostname']}`).toSorted())
    const so = (current: boolean): readonly string[] =>
      hosts
        .filter(({ patch_current }) => patch_current === current)
        .map(({ region, hostname }) => `${region} ${hostname}`)
        .toSorted()
    expect(so(false).length).toBeGreaterThan(20)
    await settles(() => told(0), so(false))
    await settles(() => told(1), so(true))
  })

  test('deployments, each with its state', async () => {
    const so = lit().flatMap(({ region_name, deployment }) =>
      deployment === null ? [] : [`${region_name} ${deployment.to_release} ${deployment.state}`],
    )
    expect(so.length).toBeGreaterThan(10)
    await settles(
      async () =>
        (await world.prometheus.query('stx_region_deployment_info{instance="large"}'))
          .map(({ labels }) => bare(`${labels['region_name']} ${labels['to_release']} ${labels['state']}`))
          .toSorted(),
      so.map(bare).toSorted(),
    )
  })

  test('releases, by their state', async () => {
    const so = lit()
      .filter(speaksUsm)
      .flatMap(({ releases }) => releases.filter(({ state }) => state === 'deployed')).length
    expect(so).toBeGreaterThan(500)
    const releases = 'stx_region_release_info{instance="large",release_id=~"starlingx-.*",state="deployed"}'
    await settles(() => valueOf(`count(${releases})`), so)
  })
})

/** Some dialects say `deploy-host`, some `host`, some with the name of the software before the version. */
function bare(line: string): string {
  return line.replace('starlingx-', '').replace(/ deploy-/, ' ')
}

test('a scrape with a token, of one group, is that group, counted by itself, and nothing of the gateway', async () => {
  const inEast = world.large.simulator.regions().filter(({ labels }) => labels['group'] === 'east')
  expect(inEast.length).toBeGreaterThan(50)
  await settles(
    () => namesOf('stx_region_info{instance="east"}'),
    inEast.map(({ region_name }) => region_name).toSorted(),
  )
  await settles(() => valueOf('sum(stx_fleet_regions{instance="east",resource="release"})'), inEast.length)
  const gateways =
    '{instance="east",__name__=~"stx_(gateway|upstream|writes|cache|build|config|discovery)_.*|process_.*|nodejs_.*"}'
  expect(await namesOf(gateways, '__name__')).toEqual([])
})

describe('every query of every dashboard gives data', () => {
  /** A region with a deployment, one with hosts, one where a password ends, a dark one. */
  let looks: readonly Readonly<Record<string, string>>[]
  beforeAll(async () => {
    const found = await Promise.all(
      [
        'stx_region_deployment_info{instance="large"}',
        'stx_host_patch_current{instance="large",node_type!=""}',
        'stx_keystone_password_expiry_timestamp_seconds',
        'stx_region_failure_info{instance="large"}',
      ].map((series) =>
        world.prometheus.query(
          `topk(1, last_over_time(${series}[1m])) * on (region_name, instance) group_left (subcloud_name) last_over_time(stx_region_info[1m])`,
        ),
      ),
    )
    looks = found.flat().map(({ labels }) => ({
      instance: labels['instance'] ?? '',
      region: labels['region_name'] ?? '',
      subcloud: labels['subcloud_name'] ?? '',
    }))
    expect(looks).toHaveLength(4)
  })

  test.each(panelQueries.map(({ where, expr }) => [where, expr]))('%s: %s', async (_, expr) => {
    await settles(async () => {
      const given = await Promise.all(looks.map((look) => world.prometheus.query(filledIn(expr, look))))
      return given.flat().some(({ value }) => !Number.isNaN(value))
    }, true)
  })

  test.each(variableQueries)('the variable %s of %s has values', async (_, __, values) => {
    const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(values) ?? []
    const [look = {}] = looks
    const named = await namesOf(`last_over_time(${filledIn(selector, look)}[1m])`, label)
    expect(named.filter((name) => name !== '').length).toBeGreaterThan(0)
  })
})

test('there are questions in docs/metrics.md', () => expect(documentedQueries.length).toBeGreaterThan(8))

test.each(documentedQueries)('docs/metrics.md: %s', async (query) => {
  await settles(async () => (await world.prometheus.query(query)).length > 0, true)
})

describe('every rule is evaluated', () => {
  test('without an error, within its interval', async () => {
    const { data } = (await world.prometheus.get('/api/v1/rules')) as {
      data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] }
    }
    const evaluated = data.groups.flatMap((group) => group.rules)
    expect(evaluated.map(({ name }) => name).toSorted()).toEqual(
      rules.map(({ record, alert }) => record ?? alert ?? '').toSorted(),
    )
    expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([])
  })

  test.each(rules.flatMap(({ record }) => (record === undefined ? [] : [record])))(
    '%s is recorded',
    async (record) => {
      await settles(async () => (await world.prometheus.query(record)).length > 0, true)
    },
  )

  // Which of them fire, and when, their stories tell; here their series are there, but for those of faults.
  const onlyInTrouble = new Set(['stx_metrics_overflow'])
  test.each(
    rules.flatMap(({ alert, expr }) =>
      alert === undefined
        ? []
        : seriesIn(expr)
            .filter((name) => !onlyInTrouble.has(name))
            .map((name) => [alert, name] as const),
    ),
  )('%s has its series %s', async (_, name) => {
    expect((await world.prometheus.query(`last_over_time(${name}[1m])`)).length).toBeGreaterThan(0)
  })
})

describe('what goes is gone', () => {
  test('a host that is not fresh has no series, and its region is among those whose data is old', async () => {
    const [one] = await world.prometheus.query(
      'last_over_time(stx_host_patch_current{instance="large",node_type!=""}[10s]) == 1',
    )
    const name = one?.labels['region_name'] ?? ''
    await world.large.simulator.setFault(name, { kind: 'refuse' })
    await until(async () => {
      const answer = await fetch(`${world.large.gateway.adminUrl}/metrics?region_name=${name}`)
      return !(await answer.text()).includes('stx_host_patch_current')
    })
    await settles(() => namesOf(`{__name__=~"stx_host_.*",region_name="${name}"}`), [])
    await settles(() => namesOf(`stx_region_patch_current{region_name="${name}"}`), [])
    await settles(() => namesOf(`stx_region_info{region_name="${name}",instance="large"}`), [name])

    const old = rules.find(({ alert }) => alert === 'StxRegionDataOld')?.expr ?? ''
    expect(old).toContain('> 3600')
    const older = old.replace('> 3600', `> ${(2 * interval) / 1000}`)
    await settles(async () => (await namesOf(older)).includes(name), true)
  }, 90_000)

  test('a region that leaves takes all its series along', async () => {
    const gone = world.small.simulator.cloud.subclouds()[3]?.region_name ?? ''
    const own = `{region_name="${gone}",__name__=~"stx_.*"}`
    await settles(async () => (await namesOf(own)).length > 8, true)
    world.small.simulator.cloud.removeSubcloud(gone)
    await settles(() => valueOf('stx:regions:count{instance="small"}'), 11)
    await settles(() => namesOf(own), [])
  }, 60_000)
})
