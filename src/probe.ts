import type { Config } from './config/schema.ts'
import { sourcesOf } from './discovery/from-config.ts'
import { toRegions } from './discovery/listed.ts'
import { mergeSources, type SourceRegions } from './discovery/merge-sources.ts'
import type { FailureKind } from './model/outcome.ts'
import { mayHave, type Region, type Service } from './model/region.ts'
import { asData } from './upstream/as-data.ts'
import { createClients } from './upstream/clients.ts'
import { createRefusals } from './upstream/login-guard.ts'
import { createTokenValidation } from './upstream/keystone-validation.ts'
import { openUpstream } from './upstream/open-upstream.ts'

/** What one source or region said when it was tried. */
export interface ProbeRow {
  readonly what: string
  readonly result: 'ok' | 'none' | 'failed'
  readonly detail: string
  /** What to look at, where it failed. */
  readonly remedy: string
}

/** Of a token's form, and nobody's: a Keystone that says so lets us ask about others. */
const nobodys = `gAAAAA${'A'.repeat(177)}`

/** Regions that are tried: enough to see a pattern, few enough to wait for. */
const sampleSize = 20

/**
 * Asks the Keystone that callers' tokens are validated at, each source for its regions, and a sample of all regions for
 * their releases or patches. Changes nothing.
 */
export async function probe(config: Config, userAgent: string): Promise<readonly ProbeRow[]> {
  const upstream = await openUpstream(config.upstream, config.credentials, userAgent, createRefusals())
  const rows: ProbeRow[] = await askKeystone()
  const found: SourceRegions[] = [{ source: 'the configuration', regions: toRegions(config) }]
  for (const source of sourcesOf(config, { ...upstream, userAgent, number: 0 })) {
    const answer = await asData(
      () => source.find(),
      () => undefined,
    )
    source.close()
    if ('status' in answer) {
      rows.push({
        what: source.name,
        result: 'failed',
        detail: answer.message,
        remedy: remedies[answer.kind],
      })
      continue
    }
    const { regions, notes } = answer
    found.push({ source: source.name, regions })
    rows.push({ what: source.name, result: 'ok', detail: `${regions.length} regions`, remedy: '' })
    for (const note of notes) rows.push({ what: source.name, result: 'none', detail: note, remedy: '' })
  }
  const { regions, conflicts } = mergeSources(found)
  for (const conflict of conflicts)
    rows.push({ what: 'sources', result: 'none', detail: conflict, remedy: '' })
  const clients = createClients(regions, {
    http: upstream.http,
    accessTo: upstream.accounts.accessTo,
    userAgent,
    now: Date.now,
    writeTimeouts: config.upstream.write_timeouts,
  })
  try {
    const asked = await Promise.all(
      sampleOf(regions).flatMap((region) =>
        (['usm', 'patching'] as const)
          .filter((service) => mayHave(region, service))
          .map((service) => ask(region, service)),
      ),
    )
    return [...rows, ...asked]
  } finally {
    clients.close()
  }

  async function askKeystone(): Promise<ProbeRow[]> {
    const { keystone: configured } = config.auth
    const session = configured && upstream.accounts.sessionAt(configured.url, configured.credentials)
    if (configured === undefined || session === undefined) return []
    const keystone = configured.url
    const { http } = upstream
    const validation = createTokenValidation({ keystone, session, http, userAgent, now: Date.now })
    const answer = await asData(
      async () => ({ token: await validation.validate(nobodys) }),
      () => undefined,
    )
    validation.close()
    const what = `callers of ${keystone.origin}`
    if ('token' in answer) return [{ what, result: 'ok', detail: 'it tells about tokens', remedy: '' }]
    const remedy = answer.kind === 'unauthorized' ? validates : remedies[answer.kind]
    return [{ what, result: 'failed', detail: answer.message, remedy }]
  }

  async function ask(region: Region, service: Service): Promise<ProbeRow> {
    const what = `${region.subcloud} ${service}`
    const resource = service === 'usm' ? 'release' : 'query'
    const asked = await asData(
      () => clients.read(region, (client) => client.ask({ resource })),
      () => undefined,
    )
    if (asked.status === 'unsupported') return { what, result: 'none', detail: asked.reason, remedy: '' }
    if (asked.status === 'failed') {
      return { what, result: 'failed', detail: asked.message, remedy: remedies[asked.kind] }
    }
    const { dialect, items } = asked.reading
    return { what, result: 'ok', detail: `${dialect}, ${items.length} in its list`, remedy: '' }
  }
}

/** Spread over the list, as neighbours tend to fail together. */
function sampleOf(regions: readonly Region[]): readonly Region[] {
  const step = Math.max(1, regions.length / sampleSize)
  const count = Math.min(sampleSize, regions.length)
  return Array.from({ length: count }, (_, i) => regions[Math.floor(i * step)]).filter(
    (region) => region !== undefined,
  )
}

const validates =
  'does the account exist there, with this password and the role admin (or service) in project services or admin?'

const remedies: Readonly<Record<FailureKind, string>> = {
  timeout: 'is there a route from here, and does no firewall swallow the port?',
  unreachable: 'is the address right, and does the service run there?',
  tls: "is upstream.ca_file the root CA that signs the regions' certificates (on a system controller, the DC root CA)?",
  unauthorized:
    'does the account exist at this Keystone, with this password and a role in project services or admin? reader is enough, but stx 10 wants admin even to read',
  rejected: 'does the address lead to this API, and not to another service?',
  broken: 'does the service run? its own log has the reason',
  malformed: 'does the address lead to this API, and not to a proxy or a login page?',
  too_large: 'is upstream.max_response too small for this fleet?',
  backed_off: 'try again in a moment',
}

/** The rows as a table for people. */
export function tableOf(rows: readonly ProbeRow[]): string {
  const width = Math.max(0, ...rows.map(({ what }) => what.length))
  return rows
    .map(({ what, result, detail, remedy }) => {
      const line = `${result.padEnd(6)}  ${what.padEnd(width)}  ${detail}`
      return remedy === '' ? line : `${line}\n${' '.repeat(10 + width)}${remedy}`
    })
    .join('\n')
}
