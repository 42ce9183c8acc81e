import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface IssuedCertificate {
  /** PEM, as `node:tls` takes them. */
  readonly key: string
  readonly cert: string
}

export interface CertificateWishes {
  readonly ip?: string
  readonly name?: string
  readonly expired?: boolean
}

/** An authority of a test's own, as that of a StarlingX system controller: it signs for IP addresses. */
export interface CertificateAuthority {
  /** PEM, as `upstream.ca_file` holds it, and that file. */
  readonly cert: string
  readonly file: string
  issue(wishes: CertificateWishes): Promise<IssuedCertificate>
  close(): Promise<void>
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Made by the command `openssl`, as Node issues no certificates. */
export async function createAuthority(name: string): Promise<CertificateAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-authority-'))
  const openssl = (...given: string[]) => promisify(execFile)('openssl', given, { cwd: folder })
  await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', `/CN=${name}`)
  const file = join(folder, 'ca.pem')
  return {
    cert: await readFile(file, 'utf8'),
    file,
    async issue({ ip, name, expired = false }) {
      const names = [
        ...(ip === undefined ? [] : [`IP:${ip}`]),
        ...(name === undefined ? [] : [`DNS:${name}`]),
      ]
      await writeFile(join(folder, 'names'), `subjectAltName = ${names.join(', ')}\n`)
      await openssl('req', ...newKey, '-keyout', 'own.key', '-out', 'own.csr', '-subj', '/CN=subcloud')
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
      const days = expired ? '-1' : '2'
      await openssl('x509', '-req', '-in', 'own.csr', '-out', 'own.pem', '-days', days, ...signed)
      return {
        key: await readFile(join(folder, 'own.key'), 'utf8'),
        cert: await readFile(join(folder, 'own.pem'), 'utf8'),
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
