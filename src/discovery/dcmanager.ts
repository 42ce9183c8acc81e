import type { KeystoneSession } from '../upstream/keystone-session.ts'
import { UpstreamError } from '../upstream/error.ts'
import type { CreateHttpClient, HttpClient } from '../upstream/http.ts'
import { successfulJson } from '../upstream/success.ts'
import { regionsOfCatalog, type CatalogOptions } from './central.ts'
import type { Source } from './source.ts'
import { namesOfGroups, regionsOfSubclouds, type GroupNames, type SubcloudOptions } from './subclouds.ts'

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
  const { url, session, http, userAgent, interval, maxShrink } = options
  const client: HttpClient = http(url)
  /** The last that were told: regions must not change their label, and with it their account, for want of a name. */
  let groups: GroupNames = new Map()

  async function get(path: string): Promise<unknown> {
    const ask = async (token: string): ReturnType<HttpClient['send']> =>
      client.send({
        method: 'GET',
        path,
        headers: { accept: 'application/json', 'user-agent': userAgent, 'x-auth-token': token },
        limits: { maxResponse: largestList },
      })
    const { token } = await session.current()
    let answer = await ask(token)
    if (answer.status === 401 && session.refused(token)) answer = await ask((await session.current()).token)
    try {
      return successfulJson(answer, `GET ${path}`)
    } catch (error) {
      // Its words may repeat an entry of the list, and an entry holds passwords.
      if (!(error instanceof UpstreamError)) throw error
      throw new UpstreamError(error.kind, `GET ${path}: HTTP ${answer.status}`, { status: answer.status })
    }
  }

  return {
    name: `dcmanager ${url.origin}`,
    interval,
    maxShrink,
    async find() {
      const { catalog } = await session.current()
      const subclouds = await get('/subclouds')
      // Without the names of groups the fleet is still the fleet.
      const named = namesOfGroups(await get('/subcloud-groups').catch(() => undefined))
      groups = named ?? groups
      const found = regionsOfSubclouds(subclouds, groups, options.subclouds)
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
