import type { Context } from 'hono'
import type { Directory } from '../fleet/directory.ts'
import { atLeast } from './caller.ts'
import type { Env } from './send.ts'

/** `GET /fleet/v1/whoami`: what the gateway takes its caller for, so that nobody has to guess why something is refused. */
export function createWhoAmI(directory: () => Directory): (context: Context<Env>) => Response {
  return (context) => {
    const { subject, name, issuer, project, granted, role, scope, regions, expires } = context.get('caller')
    const reads = atLeast(role, 'reader')
    return context.json(
      {
        subject,
        name: name ?? null,
        issuer,
        project: project ?? null,
        roles: { granted, effective: role ?? null },
        may: { read: reads, refresh: atLeast(role, 'operator'), write: atLeast(role, 'configurator') },
        regions: {
          all: reads && regions === undefined,
          visible: reads ? directory().regions.filter(scope).length : 0,
          scope: regions ?? null,
        },
        expires_at: expires === undefined ? null : new Date(expires).toISOString(),
      },
      200,
      { 'cache-control': 'no-store' },
    )
  }
}
