import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One recorded exchange with a real region. */
export interface Recording {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body: string
}

const folder = join(import.meta.dirname, '../fixtures/recordings')

/** The recordings of one service and release, by name: `usm/stx12.0`. */
export function recordingsOf(of: string): readonly Recording[] {
  return readdirSync(join(folder, of))
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const { request, response } = JSON.parse(readFileSync(join(folder, of, file), 'utf8')) as {
        request: { method: string; path: string }
        response: { status: number; body: string | null }
      }
      return {
        name: `${of}/${file.slice(0, -5)}`,
        method: request.method,
        path: request.path,
        status: response.status,
        body: response.body ?? '',
      }
    })
}
