import type { SeenWrite } from './seenWrites.ts'

/** What a service has seen, for tests that prove how they were asked. */
export interface ServiceCounters {
  /** Requests read. */
  total: number
  /** Requests by method and path, without the query. */
  by_path: Record<string, number>
  connections: number
  open_connections: number
  max_open_connections: number
  in_flight: number
  /** Requests read and not yet answered at the same time; connections too where the region is direct. */
  max_in_flight: number
  last_headers: Readonly<Record<string, string>>
  /** What was to change something, in the order of arrival. */
  writes: SeenWrite[]
}

export function createCounters(): ServiceCounters {
  return {
    total: 0,
    by_path: {},
    connections: 0,
    open_connections: 0,
    max_open_connections: 0,
    in_flight: 0,
    max_in_flight: 0,
    last_headers: {},
    writes: [],
  }
}

export function connectionOpened(counters: ServiceCounters): void {
  counters.connections += 1
  counters.open_connections += 1
  counters.max_open_connections = Math.max(counters.max_open_connections, counters.open_connections)
}

export function requestRead(
  counters: ServiceCounters,
  request: { method: string; target: string; headers: Readonly<Record<string, string>> },
): void {
  counters.total += 1
  counters.in_flight += 1
  counters.max_in_flight = Math.max(counters.max_in_flight, counters.in_flight)
  counters.last_headers = request.headers
  const key = `${request.method} ${request.target.split('?')[0]}`
  counters.by_path[key] = (counters.by_path[key] ?? 0) + 1
}
