// The library resolves its parts by decorators, which want this first.
import 'reflect-metadata'
import type { Extension } from '@peculiar/x509'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { webcrypto } from 'node:crypto'
import { randomBytes } from 'node:crypto'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000
const day = 24 * hour

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function privateKeyPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
  const lines = bytes.match(/.{1,64}/g) ?? []
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n')
}

/** A certificate authority: it signs for servers, and its certificate is what clients trust. */
export interface Root {
  readonly name: Name
  readonly pem: string
  readonly keys: webcrypto.CryptoKeyPair
  /** Tells it from another root of the same name. */
  readonly keyId: Extension
}

export async function createRoot(name: string): Promise<Root> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + 365 * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const keyId = await AuthorityKeyIdentifierExtension.create(keys.publicKey)
  return { name: new Name(`CN=${name}`), keys, keyId, pem: `${certificate.toString('pem')}\n` }
}

/** The key pair of servers, in the forms that are wanted for each certificate. */
export interface ServerKeys {
  readonly publicKey: PublicKey
  /** The private half, as PEM. */
  readonly key: string
}

export async function createServerKeys(): Promise<ServerKeys> {
  const keys = await newKeys()
  return { publicKey: await PublicKey.create(keys.publicKey), key: await privateKeyPem(keys) }
}

/** What every server's certificate is for. */
const serverUse = [
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
]

/** Whom a server's certificate is for. */
export interface ServerNames {
  readonly ip: string
  /** Such as `boston-1`. */
  readonly name: string
  readonly expired?: boolean
}

/** A server's certificate as PEM. */
export async function issue(root: Root, publicKey: PublicKey, server: ServerNames): Promise<string> {
  const now = Date.now()
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [server.name] }],
    issuer: root.name,
    notBefore: new Date(server.expired ? now - 2 * day : now - hour),
    notAfter: new Date(server.expired ? now - day : now + 90 * day),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: root.keys.privateKey,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'ip', value: server.ip },
        { type: 'dns', value: server.name },
      ]),
      ...serverUse,
      root.keyId,
    ],
  })
  return certificate.toString('pem')
}

/** Positive, and never the same twice. */
function serial(): string {
  return `40${randomBytes(15).toString('hex')}`
}
