import { createHash } from 'node:crypto'
import type { KeystoneSession } from '../upstream/keystone-session.ts'
import { UpstreamError } from '../upstream/error.ts'
import type { CreateHttpClient, HttpAnswer, HttpClient } from '../upstream/http.ts'
import { successfulJson } from '../upstream/success.ts'
import { regionsOfCatalog, type CatalogOptions } from './central.ts'
import type { Found, Source } from './source.ts'
import {
  namesOfGroups,
  regionsOfSubclouds,
  type GroupNames,
  type KnownRegions,
  type SubcloudOptions,
} from './subclouds.ts'

export interface DcmanagerOptions extends Omit<Source, 'name' | 'find' | 'close'> {
  /** With `/v1.0`. */
  readonly url: URL
  readonly session: KeystoneSession
  readonly http: CreateHttpClient
  readonly userAgent: string
  /** How to reach the system controller's own region. */
  readonly central: CatalogOptions
  readonly subclouds: SubcloudOptions
}

/** Bytes of dcmanager's whole list, generously, as it can't be had in pages. */
const largestList = 256 * 2 ** 20

/** A system controller's subclouds, and its own region from its catalog. */
export function createDcmanagerSource(options: DcmanagerOptions): Source {
  const { url, session, http, userAgent, settings, interval, maxShrink } = options
  const client: HttpClient = http(url)
  /** The last that were told: regions must not change their label, and with it their account, for want of a name. */
  let groups: GroupNames = new Map()
  const known: KnownRegions = new Map()
  let last: { readonly digest: string; readonly found: Found } | undefined

  async function get(path: string): Promise<HttpAnswer> {
    const ask = async (token: string): ReturnType<HttpClient['send']> =>
      client.send({
        method: 'GET',
        path,
        headers: { accept: 'application/json', 'user-agent': userAgent, 'x-auth-token': token },
        limits: { maxResponse: largestList },
      })
    const { token } = await session.current()
    const answer = await ask(token)
    if (answer.status !== 401 || !session.refused(token)) return answer
    return ask((await session.current()).token)
  }

  /** A list that is what it was need not be read again: thousands of subclouds take their time. */
  function regionsIn(answer: HttpAnswer): Found {
    const hash = createHash('sha256').update(JSON.stringify([answer.status, ...groups]))
    const digest = hash.update(answer.body).digest('base64')
    if (digest === last?.digest) return last.found
    const value = valueOf(answer, 'GET /subclouds')
    last = { digest, found: regionsOfSubclouds(value, groups, options.subclouds, known) }
    return last.found
  }

  return {
    name: `dcmanager ${url.origin}`,
    settings,
    interval,
    maxShrink,
    async find() {
      const { catalog } = await session.current()
      const subclouds = await get('/subclouds')
      // Without the names of groups the fleet is still the fleet.
      const named = await get('/subcloud-groups')
        .then((answer) => namesOfGroups(valueOf(answer, 'GET /subcloud-groups')))
        .catch(() => undefined)
      groups = named ?? groups
      const found = regionsIn(subclouds)
      const central = regionsOfCatalog(catalog, options.central).regions.filter(
        ({ name }) => name === options.central.centralRegion,
      )
      const notes = [
        ...(central.length > 0
          ? []
          : [`its catalog has no update service of ${options.central.centralRegion}`]),
        ...(named ? [] : ['the names of its subcloud groups could not be had']),
        ...found.notes,
      ]
      return { regions: [...central, ...found.regions], notes }
    },
    close() {
      client.close()
      session.close()
    },
  }
}

function valueOf(answer: HttpAnswer, call: string): unknown {
  try {
    return successfulJson(answer, call)
  } catch (error) {
    // Its words may repeat an entry of the list, and an entry holds passwords.
    if (!(error instanceof UpstreamError)) throw error
    throw new UpstreamError(error.kind, `${call}: HTTP ${answer.status}`, { status: answer.status })
  }
}
