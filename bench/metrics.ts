import { gunzipSync } from 'node:zlib'
import { Gauge, Registry } from 'prom-client'
import { createAdminApp } from '../src/api/admin.ts'
import { listen } from '../src/api/listen.ts'
import { createFleetMetrics } from '../src/metrics/fleet.ts'
import { createScrape } from '../src/metrics/scrape.ts'
import { createDirectory } from '../src/fleet/directory.ts'
import { filledFleet } from './filled-fleet.ts'
import { interleaved, medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes } from './requests.ts'

interface MetricsOptions {
  readonly series: readonly number[]
  readonly rounds: number
}

/** Series of one region of the bench. */
const perRegion = 61

/** The exposition of a fleet, against the client library with the same series, and a scrape of it over HTTP. */
export async function benchMetrics({ series, rounds }: MetricsOptions): Promise<Ratio[]> {
  const ratios: Ratio[] = []
  for (const wanted of series) ratios.push(...(await measure(Math.ceil(wanted / perRegion), rounds)))
  return ratios
}

async function measure(regions: number, rounds: number): Promise<Ratio[]> {
  const fleet = await filledFleet(regions)
  const options = {
    view: fleet.view.inSlices,
    regionLabels: () => fleet.labels,
    retryAt: fleet.retryAt,
    client: () => undefined,
  }
  const ours = createFleetMetrics(options)
  const whole = async (): Promise<readonly Buffer[]> => (await ours(() => true, 'text')).chunks
  const text = Buffer.concat(await whole()).toString()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const peer = libraryWith(lines)

  const measured = await interleaved(
    rounds,
    () => watched(whole, 20),
    () => watched(() => peer.metrics()),
  )
  const afterRefresh: Watched[] = []
  for (let round = 0; round < rounds; round++) {
    await fleet.refresh()
    afterRefresh.push(await watched(whole))
  }
  const scrape = await overHttp(options, regions)
  const ms = (times: readonly number[]): string => `${medianOf(times).toFixed(1)} ms`
  const name = `${Math.round(lines.length / 1000)},000 series`
  const detail =
    `${regions} regions, ${(text.length / 1e6).toFixed(1)} MB: ${ms(measured.map((each) => each.ours.ms))} against ${ms(measured.map((each) => each.peer.ms))}; ` +
    `where every region was asked anew in between ${ms(afterRefresh.map((each) => each.ms))}; ${scrape}`
  const longest = (blocks: readonly Watched[]): string => ms(blocks.map(({ block }) => block))
  return [
    ratioOf(
      `exposition of ${name}, against the client library (times less CPU)`,
      // A small exposition costs little in either way; the goal is about the large one.
      { atLeast: lines.length > 100_000 ? 100 : 10 },
      measured.map((each) => each.peer.ms / each.ours.ms),
      detail,
    ),
    ratioOf(
      `longest turn of the event loop in it, of CPU`,
      { atMost: 10 },
      measured.map((each) => each.ours.block),
      `the client library ${longest(measured.map((each) => each.peer))}; where every region was asked anew in between ${longest(afterRefresh)}`,
      ' ms',
    ),
  ]
}

/** In ms of CPU of the main thread: on a busy machine what other programs take meanwhile is not ours. */
interface Watched {
  readonly ms: number
  /** The longest turn of the event loop meanwhile. */
  readonly block: number
}

/** The kernel counts CPU in ticks of some ms: what is short is done several times. */
async function watched(work: () => Promise<unknown>, times = 1): Promise<Watched> {
  let block = 0
  let last = cpu()
  let over = false
  const turn = (): void => {
    block = Math.max(block, cpu() - last)
    last = cpu()
    if (!over) setImmediate(turn)
  }
  await new Promise((resolve) => setImmediate(resolve))
  last = cpu()
  setImmediate(turn)
  const began = cpu()
  for (let i = 0; i < times; i++) await work()
  const ms = (cpu() - began) / times
  await new Promise((resolve) => setImmediate(resolve))
  over = true
  return { ms, block }
}

/** ms of CPU that this thread has used. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The client library with the same series. */
function libraryWith(lines: readonly string[]): Registry {
  const registry = new Registry()
  const gauges = new Map<string, Gauge<string>>()
  for (const line of lines) {
    const [, name = '', pairs = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const labels = Object.fromEntries(
      [...pairs.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]),
    )
    let gauge = gauges.get(name)
    if (gauge === undefined) {
      gauge = new Gauge<string>({ name, help: name, labelNames: Object.keys(labels), registers: [registry] })
      gauges.set(name, gauge)
    }
    gauge.set(labels, Number(value))
  }
  return registry
}

async function overHttp(options: Parameters<typeof createFleetMetrics>[0], regions: number): Promise<string> {
  const metrics = createScrape({ ...options, gateway: { text: async () => '' } })
  const app = createAdminApp({
    directory: () => createDirectory([]),
    metrics,
    notReady: () => undefined,
    inventory: { states: () => [], conflicts: () => [], confirm: () => 0 },
  })
  const listener = await listen(app, { host: '127.0.0.1', port: 0 })
  const scrape = async (coding: string) =>
    fetchBytes(`${listener.url}/metrics`, { 'accept-encoding': coding })
  await scrape('gzip')
  const plain = await scrape('identity')
  const packed = await scrape('gzip')
  await listener.close()
  if (!gunzipSync(packed.body).equals(plain.body)) throw new Error('gzip is another text')
  const kilobytes = (bytes: Buffer): string => `${(bytes.length / regions / 1024).toFixed(2)} KB a region`
  return (
    `a scrape over HTTP takes ${plain.whole.toFixed(0)} ms (${kilobytes(plain.body)}), ` +
    `with gzip ${packed.whole.toFixed(0)} ms (${kilobytes(packed.body)})`
  )
}
