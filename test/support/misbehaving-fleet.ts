import { parseConfig } from '../../src/config/parse.ts'
import { start } from '../../src/start.ts'
import { readsOfStx10, stx10Unknown } from '../upstream/bodies.ts'
import { answer, createRawRegion, type Play, type RawRegion } from './raw-region.ts'
import { createTokenIssuer } from './tokens.ts'

/** A region of stx 10 that behaves: both services at one address, HTTP/1.0, a connection for each answer. */
export const well: Play = (socket, head) => {
  const body = readsOfStx10.get(head.split(' ')[1] ?? '')
  socket.end(body === undefined ? answer(stx10Unknown.body, { status: stx10Unknown.status }) : answer(body))
}

/** Something that a region does instead of answering, to each request. */
export interface Misbehaviour {
  readonly name: string
  readonly does: Play
  /** Where the region is instead, when no socket that a test plays can do it. */
  readonly instead?: URL
}

/** The two regions of one misbehaviour. */
export interface Pair {
  /** Misbehaves from the start. */
  readonly bad: RawRegion
  /** Behaves until it is told to `turn`. */
  readonly turned: RawRegion
  turn(play?: Play): void
  /** Asks for these two and for `a-good` and `z-good`, which always behave. */
  get(path: string, query?: string): Promise<FleetText>
  /** The same without `bad`. */
  getOthers(path: string): Promise<FleetText>
  /** Reasons by name, from an answer's `regions`. */
  readonly names: { readonly bad: string; readonly turned: string }
}

/** The whole gateway over real sockets: two regions that behave, and two for each misbehaviour. */
export interface MisbehavingFleet {
  pairOf(misbehaviour: Misbehaviour): Pair
  get(target: string): Promise<FleetText>
  /** The samples on the admin port that hold this text. */
  metrics(text: string): Promise<readonly string[]>
  close(): Promise<void>
}

export interface FleetText {
  readonly status: number
  readonly complete: string | null
  /** `Fleet-Regions`. */
  readonly regions: string | null
  readonly text: string
}

export async function startMisbehavingFleet(
  misbehaviours: readonly Misbehaviour[],
  upstream: Readonly<Record<string, string>> = {},
): Promise<MisbehavingFleet> {
  const good = await createRawRegion(well)
  const issuer = await createTokenIssuer()
  const authorization = `Bearer ${await issuer.sign({ roles: ['operator'] })}`
  const regions = [regionAt('a-good', good.url), regionAt('z-good', good.url)]
  const pairs = new Map<Misbehaviour, Pair>()
  for (const [i, each] of misbehaviours.entries()) {
    const pair = await createPair(each, i, get)
    pairs.set(each, pair)
    regions.push(regionAt(pair.names.bad, each.instead ?? pair.bad.url))
    regions.push(regionAt(pair.names.turned, pair.turned.url))
  }
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    auth: { issuers: [issuer.config] },
    regions,
    // Long enough that only the first round of refreshing falls into the test.
    refresh: { interval: '1h', min_age: '10s' },
    upstream,
  }
  const gateway = await start(parseConfig(JSON.stringify(config), 'fleet.json'), { logLevel: 'silent' })

  async function get(target: string): Promise<FleetText> {
    const got = await fetch(gateway.url + target, { headers: { authorization } })
    return {
      status: got.status,
      complete: got.headers.get('fleet-complete'),
      regions: got.headers.get('fleet-regions'),
      text: await got.text(),
    }
  }
  return {
    pairOf(misbehaviour) {
      const pair = pairs.get(misbehaviour)
      if (pair === undefined) throw new Error(`no region does "${misbehaviour.name}"`)
      return pair
    },
    get,
    async metrics(text) {
      const exposition = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      return exposition.split('\n').filter((line) => line.includes(text))
    },
    async close() {
      await gateway.close()
      const played = [good, ...[...pairs.values()].flatMap(({ bad, turned }) => [bad, turned])]
      await Promise.all(played.map((each) => each.close()))
      await issuer.close()
    },
  }
}

async function createPair(
  { does }: Misbehaviour,
  i: number,
  get: (target: string) => Promise<FleetText>,
): Promise<Pair> {
  let play = well
  const names = { bad: `bad-${i}`, turned: `turned-${i}` }
  const others = `a-good,${names.turned},z-good`
  return {
    names,
    bad: await createRawRegion(does),
    turned: await createRawRegion((...asked) => play(...asked)),
    turn: (given = does) => void (play = given),
    get: (path, query = '') => get(`${path}?region_name=${names.bad},${others}${query}`),
    getOthers: (path) => get(`${path}?region_name=${others}`),
  }
}

function regionAt(name: string, { href }: URL): object {
  return { region_name: name, usm: href, patching: href }
}
