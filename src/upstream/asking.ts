import type { Intent } from '../model/intent.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { Region, Service } from '../model/region.ts'
import { currentTrace, newTrace, within } from '../model/trace.ts'
import { serviceOf } from '../model/calls.ts'
import { asData, type FailedAsData } from './as-data.ts'
import { spansOfAsk } from './ask-spans.ts'
import type { Asked } from './ask.ts'
import type { Clients } from './clients.ts'
import type { DialectName } from './dialect.ts'
import type { Relayed } from './relay.ts'

/** What came of asking a region, with the dialect that its service speaks, once that is known. */
export type OnCame = (
  region: Region,
  dialect: DialectName | undefined,
  came: Asked<unknown> | Relayed | FailedAsData,
  seconds: number,
) => void

/** Regions as the fleet asks them: failures are data, and what came of each call is told. */
export interface Asking {
  readonly ask: <R extends Resource>(
    region: Region,
    want: Want<R>,
    previous?: Readings[R],
  ) => Promise<Asked<Readings[R]> | FailedAsData>
  readonly relay: (region: Region, intent: Intent) => Promise<Relayed | FailedAsData>
}

/** `onFault` is told what failed by our own fault. */
export function createAsking(
  clients: Pick<Clients, 'read' | 'relay' | 'existing'>,
  onCame: OnCame,
  onFault: (region: Region, error: unknown) => void,
): Asking {
  async function told<T extends Asked<unknown> | Relayed>(
    region: Region,
    service: Service,
    call: string,
    task: () => Promise<T>,
  ): Promise<T | FailedAsData> {
    const trace = currentTrace()
    // What no request caused has a trace of its own, of which nobody is told.
    if (!trace) return within(newTrace(), () => told(region, service, call, task))
    const began = performance.now()
    const ask = (): Promise<T | FailedAsData> => asData(task, (error) => onFault(region, error))
    const spans = spansOfAsk(trace, call, { region: region.name, service })
    const came = await (spans ? within(spans.trace, ask) : ask())
    const dialect = clients.existing(region.name)?.dialectOf(service)
    spans?.end(dialect, came)
    onCame(region, dialect, came, (performance.now() - began) / 1000)
    return came
  }
  return {
    ask: (region, want, previous) =>
      told(region, serviceOf(want.resource), want.resource, () =>
        clients.read(region, (client) => client.ask(want, previous)),
      ),
    relay: (region, intent) =>
      told(region, intent.call.service, intent.call.name, () =>
        clients.relay(region, (client) => client.relay(intent)),
      ),
  }
}
