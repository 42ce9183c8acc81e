import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecureContext } from 'node:tls'
import { createSecureContext } from 'node:tls'
import { createRoot, createServerKeys, issue } from './certificates.ts'
import type { Root } from './certificates.ts'

/** What is right or wrong with a region's certificate. */
export const certificateKinds = ['good', 'expired', 'wrong-name', 'untrusted'] as const
export type CertificateKind = (typeof certificateKinds)[number]

/** Asked for at each connection. */
export type Presented = () => SecureContext

/** The authority of a fleet, and the file in which clients find whom to trust. */
export interface Authority {
  readonly file: string
  /** What a server with a certificate of this authority presents. */
  context(server: ServerWish): Promise<Presented>
  /** A new root: what is issued from now on is signed by it. The file is as before. */
  renew(): Promise<void>
  /** Writes the file: the new root only, or the one before as well. */
  publish(which: 'both' | 'new'): Promise<void>
  close(): Promise<void>
}

export interface ServerWish {
  readonly ip: string
  readonly name: string
  readonly kind: CertificateKind
}

/** In a folder of its own, removed with it, unless another one is given. */
export async function createAuthority(given?: string): Promise<Authority> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'stx-simulator-ca-')))
  const file = join(folder, 'ca.pem')
  // A renewed root keeps its name: only the key tells the two apart.
  const newRoot = () => createRoot('Simulated DC root')
  let root = await newRoot()
  let before: Root | undefined
  let stranger: Promise<Root> | undefined
  // One pair for all servers: making one each would take most of the start.
  const { publicKey, key } = await createServerKeys()

  const publish = async (which: 'both' | 'new') => {
    const roots = which === 'both' && before ? [root, before] : [root]
    // Renamed into place, so that nobody reads half of it.
    await writeFile(`${file}.next`, roots.map(({ pem }) => pem).join(''), { mode: 0o644 })
    await rename(`${file}.next`, file)
  }
  await publish('new')

  return {
    file,
    async context({ ip, name, kind }) {
      const signer = kind === 'untrusted' ? await (stranger ??= createRoot('Somebody else')) : root
      const names = kind === 'wrong-name' ? { ip: '192.0.2.1', name: 'elsewhere' } : { ip, name }
      const cert = await issue(signer, publicKey, { ...names, expired: kind === 'expired' })
      let made: SecureContext | undefined
      // At the first connection: making it takes as long as issuing does.
      return () => (made ??= createSecureContext({ key, cert }))
    },
    async renew() {
      before = root
      root = await newRoot()
    },
    publish,
    async close() {
      await rm(given === undefined ? folder : file, { recursive: true, force: true })
    },
  }
}
