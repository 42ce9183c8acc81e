import { collectDefaultMetrics, Registry } from 'prom-client'

/** The process's own series (CPU, memory, event loop, garbage collection), as text. */
export function createProcessMetrics(): () => Promise<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return () => registry.metrics()
}
