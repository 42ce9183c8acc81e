import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { start, type Gateway } from '../../src/start.ts'
import { createTokenIssuer } from './tokens.ts'

/** A simulated fleet with the real gateway over it, in this process but over real sockets. */
export interface SimulatedFleet {
  readonly simulator: Simulator
  readonly gateway: Gateway
  /** Asks door 1 with an operator's token. */
  get(target: string): Promise<FleetAnswer>
  /** Sends anything through any door, with a configurator's token. */
  send(method: string, target: string, sent?: SentBody): Promise<FleetAnswer>
  /** A token with these roles; an operator's without. */
  token(roles?: readonly string[]): Promise<string>
  /** The samples on the admin port: `name{labels}` to value. */
  metrics(): Promise<ReadonlyMap<string, number>>
  close(): Promise<void>
}

/** `json` as it is; a `form` as multipart; `text` as text/plain. */
export type SentBody = { readonly json: unknown } | { readonly form: FormData } | { readonly text: string }

export interface FleetAnswer {
  readonly status: number
  readonly complete: boolean
  /** From `Fleet-Regions`. */
  readonly regions: Readonly<Record<string, number>>
  readonly body: unknown
}

export async function startSimulatedFleet(
  options: SimulatorOptions,
  config: Readonly<Record<string, unknown>> = {},
  /** More about each region. */
  ofRegion: Readonly<Record<string, unknown>> = {},
): Promise<SimulatedFleet> {
  const simulator = await createSimulator(options)
  const issuer = await createTokenIssuer()
  const written = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    auth: { issuers: [issuer.config] },
    audit: { file: '/dev/null' },
    regions: listedRegions(simulator).map((region) => ({ ...region, ...ofRegion })),
    ...config,
  }
  const gateway = await start(parseConfig(JSON.stringify(written), 'fleet.json'), { logLevel: 'silent' })
  const token = await issuer.sign({ roles: ['operator'] })
  const writer = await issuer.sign({ roles: ['configurator'] })
  const send = async (target: string, bearer: string, init: RequestInit = {}): Promise<FleetAnswer> => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${bearer}`)
    const answer = await fetch(gateway.url + target, { ...init, headers })
    const counts = [...(answer.headers.get('fleet-regions') ?? '').matchAll(/(\w+)=(\d+)/g)]
    return {
      status: answer.status,
      complete: answer.headers.get('fleet-complete') === '?1',
      regions: Object.fromEntries(counts.map(([, name, count]) => [name, Number(count)])),
      body: await answer.json(),
    }
  }
  return {
    simulator,
    gateway,
    get: (target) => send(target, token),
    send: (method, target, sent) => send(target, writer, { method, ...bodyOf(sent) }),
    token: (roles) => (roles === undefined ? Promise.resolve(token) : issuer.sign({ roles })),
    async metrics() {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      return new Map(
        [...text.matchAll(/^(stx_\S*?(?:\{.*\})?) (\S+)$/gm)].map(([, key, value]) => [
          key ?? '',
          Number(value),
        ]),
      )
    },
    async close() {
      await gateway.close()
      await simulator.close()
      await issuer.close()
    },
  }
}

/** The regions as a configuration lists them. */
export function listedRegions(simulator: Simulator): readonly object[] {
  return simulator.regions().map(({ region_name, subcloud_name, labels, endpoints }) => ({
    region_name,
    subcloud_name,
    labels,
    ...bothAddresses(endpoints),
  }))
}

function bodyOf(sent: SentBody | undefined): RequestInit {
  if (sent === undefined) return {}
  if ('form' in sent) return { body: sent.form }
  if ('text' in sent) return { body: sent.text, headers: { 'content-type': 'text/plain' } }
  return { body: JSON.stringify(sent.json), headers: { 'content-type': 'application/json' } }
}

/** As discovery would: every region has both addresses, whether or not something listens there yet. */
function bothAddresses({ usm, patching }: { usm?: string; patching?: string }): Record<string, string> {
  const known = usm ?? patching ?? ''
  return { usm: known.replace(':5491', ':5497'), patching: known.replace(':5497', ':5491') }
}

/** Resolves once `condition` holds; a test's own time limit is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
}
