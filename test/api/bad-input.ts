import { afterAll, beforeAll, expect } from 'vitest'
import type { FailureKind } from '../../src/model/outcome.ts'
import {
  startMisbehavingFleet,
  well,
  type MisbehavingFleet,
  type Misbehaviour,
} from '../support/misbehaving-fleet.ts'
import { answer, type Play } from '../support/raw-region.ts'

/** Something that a region does instead of answering, and what the gateway is to call it. */
export interface BadInput extends Misbehaviour {
  readonly kind: FailureKind
  /** What the reason says. */
  readonly says?: RegExp
  /** The reads that it spoils; all of them unless told otherwise. */
  readonly at?: readonly string[]
}

export const [release, deploy, query, queryHosts] = [
  '/v1/release',
  '/v1/deploy',
  '/v1/query',
  '/v1/query_hosts',
] as const
const everything = [release, deploy, query, queryHosts]

/** These bytes for every request, then the end of the connection. */
export const sends = (bytes: string | Buffer): Play => {
  return (socket) => socket.end(bytes)
}

/** This body for every request. */
export const answers = (body: string | Buffer, options?: Parameters<typeof answer>[1]): Play => {
  return sends(answer(body, options))
}

/** This body at one path, and good answers at the others. */
export const answersAt = (path: string, body: string): Play => {
  return (socket, head, turn) =>
    head.split(' ')[1] === path ? socket.end(answer(body)) : well(socket, head, turn)
}

/** One fleet for all tests of a file. */
export function useFleet(
  inputs: readonly Misbehaviour[],
  upstream?: Readonly<Record<string, string>>,
): InUse {
  let fleet: MisbehavingFleet | undefined
  const inUse = (): MisbehavingFleet => {
    if (fleet === undefined) throw new Error('the fleet is started before the first test')
    return fleet
  }
  beforeAll(async () => {
    fleet = await startMisbehavingFleet(inputs, upstream)
  })
  afterAll(() => fleet?.close())
  return {
    pairOf: (input) => inUse().pairOf(input),
    metrics: (text) => inUse().metrics(text),
    expectKeptApart: (input) => expectKeptApart(inUse(), input),
  }
}

export interface InUse extends Pick<MisbehavingFleet, 'pairOf' | 'metrics'> {
  /**
   * Who never answered well is `failed`, who did is `stale` with its last good answer as it was, both with the
   * reason, in answers and in metrics; the other regions' parts are the bytes that they were.
   */
  expectKeptApart(input: BadInput): Promise<void>
}

async function expectKeptApart(fleet: MisbehavingFleet, input: BadInput): Promise<void> {
  const { kind, says = /./, at = everything } = input
  const pair = fleet.pairOf(input)
  const before = new Map<string, string>()
  for (const path of at) {
    const { text, ...metadata } = await pair.get(path)
    expect(metadata).toEqual({ status: 200, complete: '?0', regions: counts(3, 0) })
    expect(text).toBe((await pair.getOthers(path)).text)
    before.set(path, text)
  }
  pair.turn()
  for (const path of at) {
    expect(await pair.get(path, '&max_age=0')).toEqual({
      status: 200,
      complete: '?0',
      regions: counts(2, 1),
      text: before.get(path),
    })
    const { status, text } = await pair.get(path, `&max_age=0&require=${pair.names.turned}`)
    const why = { kind, message: expect.stringMatching(says) as unknown }
    expect([status, JSON.parse(text)]).toMatchObject([
      503,
      {
        regions: {
          [pair.names.bad]: { status: 'failed', ...why },
          [pair.names.turned]: { status: 'stale', ...why },
        },
      },
    ])
  }
  const labels = `region_name="${pair.names.bad}",resource="${at[0]?.replace('/v1/', '')}"`
  expect(await fleet.metrics(labels)).toContain(`stx_region_failure_info{${labels},kind="${kind}"} 1`)
}

function counts(fresh: number, stale: number): string {
  return `total=4, fresh=${fresh}, stale=${stale}, failed=1, unsupported=0, skipped=0`
}
