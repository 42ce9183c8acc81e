import { resolve } from 'node:path'
import type { Config } from './schema.ts'

type Tls = NonNullable<Config['listen']['tls']>
type Otlp = NonNullable<Config['tracing']>['otlp']

/** Files are named relative to the configuration's own folder. */
export function withAbsoluteFiles(config: Config, folder: string): Config {
  const { ca_file: caFile } = config.upstream
  const tlsOf = (tls: Tls | undefined): { readonly tls?: Tls } =>
    tls === undefined
      ? {}
      : { tls: { cert_file: resolve(folder, tls.cert_file), key_file: resolve(folder, tls.key_file) } }
  return {
    ...config,
    listen: { ...config.listen, ...tlsOf(config.listen.tls) },
    regions: config.regions.map((region) => ({
      ...region,
      ...(region.listen && { listen: { ...region.listen, ...tlsOf(region.listen.tls) } }),
    })),
    auth: {
      ...config.auth,
      issuers: config.auth.issuers.map((issuer) => ({
        ...issuer,
        ...(issuer.jwks_file !== undefined && { jwks_file: resolve(folder, issuer.jwks_file) }),
      })),
    },
    credentials: Object.fromEntries(
      Object.entries(config.credentials).map(([key, credential]) => [
        key,
        { ...credential, password_file: resolve(folder, credential.password_file) },
      ]),
    ),
    upstream: { ...config.upstream, ...(caFile !== undefined && { ca_file: resolve(folder, caFile) }) },
    ...(config.audit && { audit: { file: resolve(folder, config.audit.file) } }),
    ...(config.tracing && { tracing: { ...config.tracing, otlp: withFiles(config.tracing.otlp, folder) } }),
    upload: {
      ...config.upload,
      ...(config.upload.dir !== undefined && { dir: resolve(folder, config.upload.dir) }),
    },
    ...(config.state_dir !== undefined && { state_dir: resolve(folder, config.state_dir) }),
  }
}

function withFiles(otlp: Otlp, folder: string): Otlp {
  const { headers_file: headers, ca_file: ca } = otlp
  return {
    ...otlp,
    ...(headers !== undefined && { headers_file: resolve(folder, headers) }),
    ...(ca !== undefined && { ca_file: resolve(folder, ca) }),
  }
}
