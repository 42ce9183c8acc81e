import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../src/config/parse.ts'
import { start, type Gateway } from '../../src/start.ts'
import { createScriptedCentral, password, type ScriptedCentral } from './scripted-central.ts'
import { createTokenIssuer } from './tokens.ts'

/** The gateway, in this process, in front of what a played system controller lists. */
export interface Discovering {
  readonly gateway: Gateway
  readonly central: ScriptedCentral
  readonly passwordFile: string
  /** What `url` answers to an operator. */
  readonly told: (target: string) => Promise<string>
  /** Reads anew: as it began, and more. */
  readonly reload: (more?: object) => Promise<void>
  readonly close: () => Promise<void>
}

/** `source` is more of its dcmanager; regions are asked without login. `prepare` happens before it starts. */
export async function startDiscovering(
  source: object,
  prepare: (central: ScriptedCentral) => void,
): Promise<Discovering> {
  const central = await createScriptedCentral()
  prepare(central)
  const issuer = await createTokenIssuer()
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-discovering-'))
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password)
  const dcmanager = {
    kind: 'dcmanager',
    url: central.dcmanager.href,
    keystone: central.keystone.href,
    credentials: 'fleet',
    region_credentials: 'none',
    ...source,
  }
  const config = (more: object): ReturnType<typeof parseConfig> => {
    const written = {
      listen: { host: '127.0.0.1', port: 0 },
      admin: { host: '127.0.0.1', port: 0 },
      auth: { issuers: [issuer.config] },
      credentials: { fleet: { username: 'fleet', password_file: passwordFile } },
      discovery: [dcmanager],
      refresh: { interval: '1s', min_age: '0s' },
      ...more,
    }
    return parseConfig(JSON.stringify(written), 'fleet.json')
  }
  const gateway = await start(config({}), { logLevel: 'silent' })
  const headers = { 'x-auth-token': await issuer.sign({ roles: ['operator'] }) }
  return {
    gateway,
    central,
    passwordFile,
    told: async (target) => (await fetch(gateway.url + target, { headers })).text(),
    reload: (more = {}) => gateway.reload(config(more)),
    async close() {
      await gateway.close()
      await central.close()
      await issuer.close()
      await rm(folder, { recursive: true })
    },
  }
}
