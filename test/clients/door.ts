import { onTestFinished } from 'vitest'
import { connect } from 'node:net'
import { devNull } from 'node:os'
import { gunzipSync } from 'node:zlib'
import type { RegionPlan } from '../../src/simulator/fleetPlan.ts'
import { releaseFacts, type StxRelease } from '../../src/simulator/region/release.ts'
import type { SeenWrite } from '../../src/simulator/transport/seenWrites.ts'
import { planOf } from '../simulator/oneRegion.ts'
import { headerOf, sendOn } from '../simulator/rawHttp.ts'
import { startSimulatedFleet, type SimulatedFleet } from '../support/simulated-fleet.ts'
import { toWire, type Answer, type ClientCall } from './client-call.ts'

/** A gateway in front of simulated regions, one of each release that is wanted, each of them called by it. */
export interface Door {
  readonly fleet: SimulatedFleet
  /** A configurator's. */
  readonly token: string
  /** Sends these bytes, and reads the one answer to them. */
  send(url: string, request: string): Promise<Answer>
  /** Sends what a client would send to the API at this address: `http://gateway/regions/one`. */
  ask(url: string, call: ClientCall): Promise<Answer>
}

/** Regions of one controller and three releases, the first of which is deployed; what they do next waits for a test. */
export function threeReleases(release: StxRelease, more: Partial<RegionPlan> = {}): RegionPlan {
  const second = `starlingx-${releaseFacts[release].version}.1`
  return planOf({
    release,
    name: `region-${release}`,
    subcloud: `subcloud-${release}`,
    size: { releases: 3, packages: 2, hosts: 1 },
    changes: releaseFacts[release].usm ? [{ release: { id: second, state: 'available' } }] : [],
    ...more,
  })
}

export async function openDoor(
  plans: readonly RegionPlan[],
  /** More about each region. */
  ofRegion: Readonly<Record<string, unknown>> = {},
): Promise<Door> {
  const fleet = await startSimulatedFleet(
    { plans, transitionMs: null, hostMs: 0 },
    { audit: { file: devNull } },
    ofRegion,
  )
  onTestFinished(() => fleet.close())
  const token = await fleet.token(['configurator'])
  return {
    fleet,
    token,
    send,
    ask: (url, call) => send(url, toWire(call.request, new URL(url).host, prefixOf(url))),
  }
}

function prefixOf(url: string): string {
  const { pathname } = new URL(url)
  return pathname === '/' ? '' : pathname
}

async function send(url: string, request: string): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  try {
    const answer = await sendOn(socket, Buffer.from(request, 'latin1'))
    const bytes = Buffer.from(answer.body, 'latin1')
    const packed = headerOf(answer, 'content-encoding') === 'gzip'
    return { status: answer.status, body: (packed ? gunzipSync(bytes) : bytes).toString('utf8') }
  } finally {
    socket.destroy()
  }
}

/** What `sw-patch` asks by POST. */
const readByPost = /^\/v1\/(show|is_applied|is_available|query_app_dependencies)(\/|$)/

/** What a region was sent to change it, in the order of arrival. */
export function sentWrites(door: Door, region: string): readonly SeenWrite[] {
  const seen = door.fleet.simulator.requests().find(({ region_name: name }) => name === region)
  const all = [...(seen?.usm?.writes ?? []), ...(seen?.patching?.writes ?? [])]
  return all.filter(({ path }) => !readByPost.test(path)).sort((a, b) => a.order - b.order)
}
