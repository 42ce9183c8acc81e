import type { Caller } from '../../src/api/caller.ts'
import { listen } from '../../src/api/listen.ts'
import type { Region } from '../../src/model/region.ts'
import type { Play } from '../support/fleet-answers.ts'
import { createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'

export interface ServedGateway extends TestGateway {
  readonly url: string
  /** `method path If-None-Match status` of each request, in order. */
  readonly served: readonly string[]
  close(): Promise<void>
}

/** The gateway on a real port, over regions that a test plays. */
export async function serve(
  regions: readonly Region[],
  play: Play,
  callers?: Readonly<Record<string, Caller>>,
): Promise<ServedGateway> {
  const gateway = createTestGateway(regions, play, callers)
  const served: string[] = []
  const listener = await listen(
    {
      async fetch(request, env) {
        const response = await gateway.app.fetch(request, env)
        const { pathname, search } = new URL(request.url)
        const validator = request.headers.get('if-none-match') ?? '-'
        served.push(`${request.method} ${pathname}${search} ${validator} ${response.status}`)
        return response
      },
    },
    { host: '127.0.0.1', port: 0 },
  )
  return { ...gateway, url: listener.url, served, close: () => listener.close() }
}
