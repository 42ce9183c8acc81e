import type { Hono } from 'hono'
import { createBaseApp, rawPathOf, type BaseOptions } from './base-app.ts'
import type { Role } from './caller.ts'
import { carriesCredential } from './credential.ts'
import { regionNamed } from './one-region.ts'
import type { Directory } from '../fleet/directory.ts'
import { Problem } from './problem.ts'
import { refusePages } from './refuse-pages.ts'
import type { RegionDoor } from './region-door.ts'
import { segmentsOf } from './region-path.ts'
import type { Env } from './send.ts'

export interface RegionFace extends BaseOptions {
  readonly regionDoor: RegionDoor
}

/**
 * One region at the root of a listener of its own, for clients that drop the path of their endpoint, as dcmanager's
 * driver does (docs/quirks.md, "Clients that drop the path"). A token is needed as everywhere.
 */
export function createRegionApp(face: RegionFace, name: string, directory: () => Directory): Hono<Env> {
  const app = createBaseApp({ ...face, route: 'listen' })
  app.all('*', (context) => {
    const caller = context.get('caller')
    return face.regionDoor({
      context,
      caller,
      segments: () => segmentsOf(rawPathOf(context)),
      regionOf: (scope) => regionNamed(directory(), scope, name),
      strict: false,
      base: () => '',
    })
  })
  return app
}

/**
 * `/patch/…` at the root, for `sw-patch`, which sends no token with some of its calls: who has none gets `anonymous`.
 * It prints nothing on most statuses, so failures are told as Patching itself tells them: 200 with an `error`.
 */
export function createSwPatchApp(
  face: RegionFace,
  name: string,
  directory: () => Directory,
  anonymous: Role,
): Hono<Env> {
  const app = createBaseApp({
    ...face,
    route: 'sw_patch_listen',
    errorsAs200: true,
    authenticate: async (rawHeaders) => {
      if (carriesCredential(rawHeaders)) return face.authenticate(rawHeaders)
      refusePages(rawHeaders)
      return {
        subject: 'anonymous',
        issuer: `listener of ${name}`,
        granted: [],
        role: anonymous,
        scope: (region) => region.name === name,
      }
    },
  })
  app.all('*', (context) => {
    const caller = context.get('caller')
    return face.regionDoor({
      context,
      caller,
      segments() {
        const [first, ...rest] = segmentsOf(rawPathOf(context))
        if (first !== 'patch') throw new Problem(404, 'not-found', 'this listener has only /patch')
        return ['patching', 'v1', ...rest]
      },
      regionOf: (scope) => regionNamed(directory(), scope, name),
      strict: false,
      base: () => '',
    })
  })
  return app
}
