import type { Served } from './served-regions.ts'

const abort = '/v1/deploy/abort'

/** Reads and writes of one region through every door, with this token; the statuses. */
export async function everyDoor(
  gateway: Served,
  token: string,
  region: { readonly name: string; readonly subcloud: string },
): Promise<{ readonly reads: readonly number[]; readonly writes: readonly number[] }> {
  const own = gateway.urlOf(region.name, 'listen')
  const at = region.subcloud
  const status = async (method: string, target: string, url?: string): Promise<number> =>
    (await gateway.ask(method, target, { token, ...(url !== undefined && { at: url }) })).status
  return {
    reads: [
      await status('GET', '/v1/release'),
      await status('GET', `/v1/deploy?region_name=${at}`),
      await status('GET', `/regions/${at}/v1/release`),
      await status('POST', `/regions/${at}/patching/v1/query`),
      await status('GET', '/metrics'),
      await status('GET', '/v1/deploy', own),
      await status('GET', `/fleet/v1/regions?region_name=${at}`),
    ],
    writes: [
      await status('POST', `${abort}?region_name=${at}`),
      await status('POST', `/regions/${at}${abort}`),
      await status('POST', `/regions/${at}/patching/v1/apply/P-1`),
      await status('POST', abort, own),
    ],
  }
}

/** What `everyDoor` gives where all reads and all writes end so. */
export function allDoors(reads: number, writes: number): Awaited<ReturnType<typeof everyDoor>> {
  return { reads: Array<number>(7).fill(reads), writes: Array<number>(4).fill(writes) }
}

/** The same where the region may not be seen: lists and metrics are of others. */
export const outOfScope = { reads: [200, 404, 404, 404, 200, 404, 404], writes: Array<number>(4).fill(404) }
