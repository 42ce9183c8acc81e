import { setTimeout as sleep } from 'node:timers/promises'

/** How waiting for the gateway came out. */
export type Readiness = 'ready' | 'not yet' | 'no answer'

/** Asks an admin port until it says ready; after the time given, says how far it came. */
export async function waitUntilReady(adminUrl: string, ms: number, signal: AbortSignal): Promise<Readiness> {
  const end = Date.now() + ms
  let reached: Readiness = 'no answer'
  while (Date.now() < end && !signal.aborted) {
    try {
      const response = await fetch(`${adminUrl}/readyz`, { signal: AbortSignal.timeout(2_000) })
      await response.arrayBuffer()
      if (response.status === 200) return 'ready'
      reached = 'not yet'
    } catch {
      // Not listening yet.
    }
    await sleep(200, undefined, { signal }).catch(() => undefined)
  }
  return reached
}
