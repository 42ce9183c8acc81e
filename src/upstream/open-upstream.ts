import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { accountsOf, type Accounts, type Credential } from './access-from.ts'
import { createHttp, type CreateHttpClient } from './http.ts'
import type { Refusals } from './login-guard.ts'
import { withSpans } from './request-spans.ts'

/** Limits and trust anchors as the configuration gives them: times in ms, sizes in bytes. */
export interface UpstreamSettings {
  readonly connect_timeout: number
  readonly first_byte_timeout: number
  readonly idle_timeout: number
  readonly read_timeout: number
  readonly max_response: number
  readonly max_in_flight: number
  readonly ca_file?: string | undefined
}

/** The way out: connections that trust what is configured now, and accounts as they are configured now. */
export interface Upstream {
  readonly http: CreateHttpClient
  readonly accounts: Accounts
}

/** Rejects where the file of trust anchors can't be read, or holds none. */
export async function openUpstream(
  settings: UpstreamSettings,
  credentials: Readonly<Record<string, Credential>>,
  userAgent: string,
  refusals: Refusals,
): Promise<Upstream> {
  const ca = settings.ca_file === undefined ? undefined : await anchorsIn(settings.ca_file)
  const limits = {
    connectTimeout: settings.connect_timeout,
    firstByteTimeout: settings.first_byte_timeout,
    idleTimeout: settings.idle_timeout,
    totalTimeout: settings.read_timeout,
    maxResponse: settings.max_response,
    maxInFlight: settings.max_in_flight,
  }
  const http = withSpans(createHttp(limits, ca))
  return { http, accounts: accountsOf(credentials, http, userAgent, refusals) }
}

const begin = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/g
const certificate = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g

/** Node passes over what it can't read: a file that is half written would have every region distrusted. */
async function anchorsIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const begun = (text.match(begin) ?? []).length
  const whole = (text.match(certificate) ?? []).filter((pem) => {
    try {
      return new X509Certificate(pem).fingerprint256 !== ''
    } catch {
      return false
    }
  })
  if (begun > 0 && whole.length === begun) return text
  throw new Error(
    `upstream.ca_file: ${file}: ${begun === 0 ? 'no' : 'not every'} certificate in it can be read`,
  )
}
