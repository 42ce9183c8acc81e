import { startGateway, type ListedRegion } from './gateway.ts'
import { medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes, freshIn } from './requests.ts'
import { startSimulator } from './simulated.ts'
import { onStage, rssOf, type Stage } from './stage.ts'

interface MemoryOptions {
  readonly few: number
  readonly many: number
  readonly rounds: number
}

/** What the refresher holds of each region. */
const usm = ['/v1/release', '/v1/deploy', '/v1/deploy_host']
const patching = ['/v1/query', '/v1/query_hosts']
const allowance = 64 * 1024

/** What one more region costs, against the bytes that it sends. */
export function benchMemory(options: MemoryOptions): Promise<Ratio[]> {
  return onStage(async (stage) => {
    const flags = ['--regions', String(options.many), '--mode', 'front', '--latency', '0-1', '--mix', '10=1']
    const { regions } = await startSimulator(stage, flags)
    const raw = (await Promise.all(regions.map(rawBytes))).reduce((sum, bytes) => sum + bytes, 0)
    const ofOne: number[] = []
    for (let round = 0; round < options.rounds; round++) {
      const few = await rssWith(stage, regions.slice(0, options.few))
      const many = await rssWith(stage, regions)
      ofOne.push((many - few) / (options.many - options.few))
    }
    const rawOfOne = raw / options.many
    const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`
    return [
      ratioOf(
        `memory for one more region, against 2.5 × its raw bodies + 64 KB`,
        { atMost: 1 },
        ofOne.map((bytes) => bytes / (2.5 * rawOfOne + allowance)),
        `RSS at ${options.many} and at ${options.few} regions after two collections that give back what is free, everything read twice, plain and gzip: ` +
          `${kilobytes(medianOf(ofOne))} a region; its five bodies (20 releases, 20 patches, 2 hosts) are ${kilobytes(rawOfOne)}`,
      ),
    ]
  })
}

/** The gateway's memory once everything that it keeps of these regions was read twice in each coding. */
async function rssWith(stage: Stage, regions: readonly ListedRegion[]): Promise<number> {
  const nodeFlags = ['--expose-gc', '--import', './bench/collect.ts']
  const gateway = await startGateway(stage, { regions, nodeFlags })
  const headers = gateway.caller(['operator'])
  for (const coding of ['identity', 'gzip', 'identity', 'gzip']) {
    for (const path of [...usm, ...patching]) {
      const url = `${gateway.url}${path}?deadline=60s`
      const answer = await fetchBytes(url, { ...headers, 'accept-encoding': coding })
      if (freshIn(answer) !== regions.length) throw new Error(`${path}: only ${freshIn(answer)} regions`)
    }
  }
  process.kill(gateway.process.pid, 'SIGUSR2')
  await gateway.process.line(/collected/)
  const rss = rssOf(gateway.process.pid)
  await gateway.process.stop()
  return rss
}

async function rawBytes(region: ListedRegion): Promise<number> {
  let bytes = 0
  for (const path of usm) bytes += (await fetchBytes(`${region.usm}${path}`)).body.length
  for (const path of patching) bytes += (await fetchBytes(`${region.patching}${path}`)).body.length
  return bytes
}
