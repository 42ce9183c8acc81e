import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createCertificate } from '../support/certificate.ts'
import { startRegionProcess, type RegionProcess } from '../support/region-process.ts'
import { createHttpSetup } from './http-setup.ts'

// Where we do nothing for a while, all timers are due before anything that has come meanwhile was looked at.

const { client, get } = createHttpSetup()
const regions: RegionProcess[] = []
afterEach(async () => {
  for (const region of regions.splice(0)) await region.close()
})

async function started(tls?: Parameters<typeof startRegionProcess>[0]): Promise<RegionProcess> {
  const region = await startRegionProcess(tls)
  regions.push(region)
  return region
}

/** As a collection of garbage does, or a machine that stands still. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test.each([['firstByteTimeout'], ['totalTimeout']] as const)(
  'an answer that came while we stood still is no time-out: %s',
  async (limit) => {
    const region = await started()
    const asked = region.asked()
    const answered = get(client(region.url, { [limit]: 400 }))
    await asked
    stall(1_000)
    expect(await answered).toMatchObject({ status: 200 })
  },
)

test('nor is a connection, or a handshake, that could not go on', async () => {
  const certificate = createCertificate('IP:127.0.0.1')
  const region = await started({ cert: certificate.cert, key: certificate.key })
  const answered = get(client(region.url, { connectTimeout: 400 }, certificate.cert))
  await setImmediate()
  stall(1_000)
  expect(await answered).toMatchObject({ status: 200 })
})
