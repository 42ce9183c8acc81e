import { fork } from 'node:child_process'
import { once } from 'node:events'
import { answer, createRawRegion } from './raw-region.ts'

/** A region that goes on while the test's own process stands still. */
export interface RegionProcess {
  readonly url: URL
  /** Resolves when the next request has reached it; it answers `[]` 100 ms later. */
  asked(): Promise<unknown>
  close(): Promise<unknown>
}

interface Tls {
  readonly cert: string
  readonly key: string
}

export async function startRegionProcess(tls?: Tls): Promise<RegionProcess> {
  const child = fork(import.meta.filename, [JSON.stringify(tls ?? null)])
  const [href] = (await once(child, 'message')) as [string]
  return {
    url: new URL(href),
    asked: () => once(child, 'message'),
    close() {
      const ended = once(child, 'exit')
      child.kill()
      return ended
    },
  }
}

if (process.argv[1] === import.meta.filename) {
  const tls = JSON.parse(process.argv[2] ?? 'null') as Tls | null
  const region = await createRawRegion(
    (socket) => {
      process.send?.('asked')
      setTimeout(() => socket.end(answer('[]')), 100)
    },
    tls === null ? {} : { tls },
  )
  process.send?.(region.url.href)
  process.once('disconnect', () => process.exit())
}
