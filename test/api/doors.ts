import type { Relay, RelayOutcome } from '../../src/fleet/act.ts'
import type { Intent } from '../../src/model/intent.ts'
import type { Region } from '../../src/model/region.ts'
import { answers } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway, type GetOptions, type TestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'

export const boston = createRegion('5d5b', { subcloud: 'boston-1', keystoneRegion: 'RegionOne' })
const denver = createRegion('7e7c', { subcloud: 'denver', keystoneRegion: 'RegionOne' })
const central = createRegion('RegionOne')
const twins = [createRegion('t1', { subcloud: 'twin' }), createRegion('t2', { subcloud: 'twin' })]
const all = [boston, denver, central, ...twins]

export const answered = (value: unknown, http = 200): RelayOutcome => ({
  status: 'answered',
  http,
  value,
  succeeded: http === 200,
  error: http === 200 ? '' : 'it said no',
})

export interface Doors extends TestGateway {
  /** `region intent` of each call that reached a region. */
  readonly relayed: readonly { readonly region: string; readonly intent: Intent }[]
}

/** Both doors over regions that answer each call so. */
export function doorsOf(relay: Relay = async () => answered({}), regions: readonly Region[] = all): Doors {
  const relayed: { region: string; intent: Intent }[] = []
  const callers = {
    nobody: callerWith(undefined),
    bostonian: callerWith('configurator', ['boston-1']),
    blind: callerWith('admin', []),
    first: callerWith('reader', ['t1']),
  }
  const gateway = createTestGateway(
    regions,
    () => answers([]),
    callers,
    async (region, intent) => {
      relayed.push({ region: region.name, intent })
      return relay(region, intent)
    },
  )
  return { ...gateway, relayed }
}

export const as = (caller: string, more: GetOptions = {}): GetOptions => ({ as: caller, ...more })
export const post = (body?: string): GetOptions => ({
  as: 'configurator',
  method: 'POST',
  ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
})
export const problemOf = async (answer: Response): Promise<Record<string, unknown>> =>
  (await answer.json()) as Record<string, unknown>
