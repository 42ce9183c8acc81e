import type { Hono } from 'hono'
import type { Directory } from '../fleet/directory.ts'
import type { Role } from './caller.ts'
import { listen, type ListenAt, type Listener } from './listen.ts'
import { createRegionApp, createSwPatchApp, type RegionFace } from './region-app.ts'
import type { Env } from './send.ts'

/** Where one region is also served alone. */
export interface RegionListeners {
  readonly region_name: string
  readonly listen?: ListenAt | undefined
  readonly sw_patch_listen?: (ListenAt & { readonly anonymous_role: Role }) | undefined
}

export interface DoorsOptions {
  readonly app: Hono<Env>
  readonly at: ListenAt
  readonly admin: Hono<Env>
  readonly adminAt: ListenAt
  readonly regions: readonly RegionListeners[]
  readonly face: RegionFace
  readonly directory: () => Directory
}

export interface Doors {
  readonly url: string
  readonly adminUrl: string
  /** Where regions have listeners of their own, by `region_name`. */
  readonly regionUrls: ReadonlyMap<string, { readonly listen?: string; readonly swPatch?: string }>
  /** Reads all certificates anew; rejects where one can't be used. They serve once the result is called. */
  readCertificates(): Promise<() => void>
  /** From now on each answer to a caller is the last of its connection. */
  retire(): void
  /** Callers' own listeners take nothing new; resolves once all that was asked is answered and read. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** Opens all listeners, callers' own last; rejects with the system's error, and then none is open. */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { face, directory } = options
  const listeners: Listener[] = []
  const open = async (...at: Parameters<typeof listen>): Promise<Listener> => {
    const listener = await listen(...at)
    listeners.push(listener)
    return listener
  }
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()))
  }
  const regionUrls = new Map<string, { listen?: string; swPatch?: string }>()
  try {
    // It tells until the end that the others stop.
    const adminListener = await open(options.admin, options.adminAt)
    const callers = (): Listener[] => listeners.filter((each) => each !== adminListener)
    for (const { region_name: name, listen: own, sw_patch_listen: patch } of options.regions) {
      const alone = own && (await open(createRegionApp(face, name, directory), own))
      const swPatch =
        patch && (await open(createSwPatchApp(face, name, directory, patch.anonymous_role), patch))
      regionUrls.set(name, {
        ...(alone && { listen: alone.url }),
        ...(swPatch && { swPatch: swPatch.url }),
      })
    }
    const { url } = await open(options.app, options.at)
    return {
      url,
      adminUrl: adminListener.url,
      regionUrls,
      retire() {
        for (const listener of callers()) listener.retire()
      },
      async drain() {
        await Promise.all(callers().map((each) => each.drain()))
      },
      close,
      async readCertificates() {
        const renewals = await Promise.all(listeners.map((listener) => listener.readCertificate()))
        return () => {
          for (const renew of renewals) renew()
        }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
