import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import Provider from 'oidc-provider'

/** A real OpenID provider on a loopback port, whose keys and whose presence a test decides. */
export interface OidcProvider {
  readonly issuer: string
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[]
  /** The entry for `auth.issuers` of a gateway that trusts it; its keys are found by discovery. */
  readonly config: { readonly issuer: string; readonly audience: string }
  /** By the client credentials grant; the client `noc` has the role operator, `guest` has none. */
  token(client?: string): Promise<string>
  /** Signs with a new key, under a new key id, and no longer publishes the old one. */
  rotate(): Promise<void>
  /** Refuses connections until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export const audience = 'urn:stx-fleet-gateway'
const secret = 'a client secret of at least 32 characters'

/** Its clients, each with what its tokens say beside the usual. */
type Clients = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** More clients than `noc` and `guest` may be given. */
export async function startOidcProvider(more: Clients = {}): Promise<OidcProvider> {
  const clients: Clients = { noc: { roles: ['operator'] }, guest: {}, ...more }
  const asked: string[] = []
  let answer: RequestListener = (_, response) => response.writeHead(503).end()
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  const port = await listenOn(server, 0)
  const issuer = `http://127.0.0.1:${port}`
  let generation = 0

  async function rotate(): Promise<void> {
    const provider = new Provider(issuer, settings(await newKey(`key-${++generation}`), clients))
    answer = provider.callback()
  }
  await rotate()

  const down = async (): Promise<void> => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return {
    issuer,
    asked,
    config: { issuer, audience },
    async token(client = 'noc') {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client}:${encodeURIComponent(secret)}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
      })
      const body = (await answer.json()) as { access_token?: string }
      if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`)
      return body.access_token
    },
    rotate,
    down,
    up: async () => void (await listenOn(server, port)),
    close: down,
  }
}

function settings(key: JWK, clients: Clients): Record<string, unknown> {
  return {
    jwks: { keys: [key] },
    ttl: { ClientCredentials: 600 },
    clients: Object.keys(clients).map((client) => ({
      client_id: client,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    })),
    extraTokenClaims: (_: unknown, token: { clientId: string }) => clients[token.clientId] ?? {},
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }
}

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' }
}

/** A token that says all the right things, signed with a key that the issuer does not know. */
export async function forgedToken(
  issuer: string,
  header: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ iss: issuer, aud: audience, sub: 'x', iat: now, exp: now + 600, roles: ['admin'] })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
    .sign(privateKey)
}

export async function listenOn(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}
