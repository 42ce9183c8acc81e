import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A certificate signed by itself, for `names` in the words of openssl (`IP:127.0.0.1`, `DNS:localhost`). */
export function createCertificate(names: string, validity: 'valid' | 'expired' = 'valid'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'stx-fleet-certificate-'))
  const key = join(folder, 'key.pem')
  const cert = join(folder, 'cert.pem')
  try {
    const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key]
    const subject = ['-subj', '/CN=region', '-addext', `subjectAltName=${names}`]
    if (validity === 'valid') {
      openssl(['req', '-x509', ...request, ...subject, '-days', '30', '-out', cert])
    } else {
      const asked = join(folder, 'request.pem')
      openssl(['req', ...request, ...subject, '-out', asked])
      openssl([
        'x509',
        '-req',
        '-in',
        asked,
        '-signkey',
        key,
        '-copy_extensions',
        'copy',
        '-days',
        '-1',
        '-out',
        cert,
      ])
    }
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' })
}
