import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'

export interface KeySource {
  readonly issuer: string
  readonly jwksFile: string | undefined
  readonly jwksUri: URL | undefined
  /** ms, never going back. */
  readonly monotonic?: () => number
}

/** ms */
const limits = {
  /** Of one fetch. */
  fetch: 5_000,
  /** Keys of this age are fetched anew, behind the caller's back. */
  refresh: 300_000,
  /** Keys of this age are fetched anew before they are believed: what the provider has withdrawn ends with it. */
  stale: 600_000,
  /** A key that is unknown may be new: it is looked for when the keys are at least so old. */
  cooldown: 30_000,
  /** After a fetch that failed the next one waits so long. */
  retry: 5_000,
  /** While the provider is down its keys are believed for so long. */
  believed: 3_600_000,
}
/** Bytes of a discovery document or a key set. */
const largest = 1024 * 1024

/** The keys could not be fetched: no fault of the token that needs them. */
export class KeysUnavailable extends Error {}

/** An issuer's public keys: from a file, a URL, or what its discovery document names. Never from a token. */
export async function keysOf(source: KeySource): Promise<JWTVerifyGetKey> {
  const { issuer, jwksFile, jwksUri, monotonic = () => performance.now() } = source
  if (jwksFile !== undefined) {
    return createLocalJWKSet(JSON.parse(await readFile(jwksFile, 'utf8')) as JSONWebKeySet)
  }
  const fetchKeys = async (): Promise<unknown> => fetchJson(jwksUri ?? (await discover(issuer)))
  return createHeldKeys(fetchKeys, monotonic)
}

/**
 * Keys are fetched with the first token, so that a provider that is down does not keep the gateway from starting;
 * whatever tokens say, they are fetched once at a time and no oftener than `limits` allows.
 */
function createHeldKeys(fetchKeys: () => Promise<unknown>, monotonic: () => number): JWTVerifyGetKey {
  let held: { readonly keys: JWTVerifyGetKey; readonly at: number } | undefined
  let failedAt = -Infinity
  let flight: Promise<JWTVerifyGetKey> | undefined

  async function fetchNow(): Promise<JWTVerifyGetKey> {
    try {
      const keys = createLocalJWKSet((await fetchKeys()) as JSONWebKeySet)
      held = { keys, at: monotonic() }
      return keys
    } catch (error) {
      failedAt = monotonic()
      throw new KeysUnavailable('the keys could not be fetched', { cause: error })
    }
  }

  async function refresh(): Promise<JWTVerifyGetKey> {
    if (flight === undefined && monotonic() - failedAt < limits.retry) {
      throw new KeysUnavailable('the keys could not be fetched a moment ago')
    }
    flight ??= fetchNow().finally(() => (flight = undefined))
    return flight
  }

  function age(): number {
    return held === undefined ? Infinity : monotonic() - held.at
  }

  async function believed(): Promise<JWTVerifyGetKey> {
    if (held === undefined || age() > limits.believed) return refresh()
    const { keys } = held
    // Waited for once: a provider that is down must not hold up every caller.
    if (age() > limits.stale && failedAt < held.at) return refresh().catch(() => keys)
    if (age() > limits.refresh) refresh().catch(() => undefined)
    return keys
  }

  return async (header, token) => {
    const keys = await believed()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || age() < limits.cooldown) throw error
      return (await refresh())(header, token)
    }
  }
}

async function discover(issuer: string): Promise<URL> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const document = (await fetchJson(url)) as { issuer?: unknown; jwks_uri?: unknown } | null
  if (document?.issuer !== issuer || typeof document.jwks_uri !== 'string') {
    throw new Error(`OIDC discovery at ${issuer}: the document is of another issuer, or names no keys`)
  }
  const keys = new URL(document.jwks_uri)
  if (keys.protocol !== 'https:' && keys.protocol !== url.protocol) {
    throw new Error(`OIDC discovery at ${issuer}: its keys are to be fetched without TLS`)
  }
  return keys
}

/** Redirects are refused: what is trusted is the address that was configured. */
async function fetchJson(url: URL): Promise<unknown> {
  const answer = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(limits.fetch),
  })
  if (answer.status !== 200 || answer.body === null) {
    await answer.body?.cancel()
    throw new Error(`${url.href}: HTTP ${answer.status}`)
  }
  const chunks: Uint8Array[] = []
  let received = 0
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    received += chunk.length
    if (received > largest) throw new Error(`${url.href}: more than ${largest} bytes`)
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
