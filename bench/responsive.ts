import { regionName, releaseBody } from './bodies.ts'
import { startGateway, type ListedRegion, type RunningGateway } from './gateway.ts'
import { startNginx } from './peers/nginx.ts'
import { medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes, freshIn } from './requests.ts'
import { cpuOf, onStage, type Stage } from './stage.ts'

type Kind = 'still' | 'changing'

interface ResponsiveOptions {
  readonly kinds: readonly Kind[]
  readonly regions: number
  readonly rounds: number
  readonly seconds: number
}

/** ms between the refresher's asks of the same thing: so short that it never idles. */
const interval = 1_000
/** ms between the end of one small read and the next. */
const pause = 5

/** How long a small read takes while every region is refreshed without an end, beside the same with nothing else to do. */
export async function benchResponsive(options: ResponsiveOptions): Promise<Ratio[]> {
  const ratios: Ratio[] = []
  for (const kind of options.kinds) ratios.push(await onStage((stage) => measure(stage, kind, options)))
  return ratios
}

async function measure(
  stage: Stage,
  kind: Kind,
  { regions: count, rounds, seconds }: ResponsiveOptions,
): Promise<Ratio> {
  const origin = await startNginx(stage, 'origin')
  const regions = Array.from({ length: count }, (_, i): ListedRegion => {
    for (const edition of ['a', 'b']) origin.write(`${edition}/${regionName(i)}`, releaseBody(i, 20, edition))
    return { region_name: regionName(i), usm: `${origin.url}/${kind}/${regionName(i)}` }
  })
  const idle = await startGateway(stage, { regions })
  await timesOf(idle, seconds)
  const calm = await timesOf(idle, seconds)
  await idle.process.stop()

  const busy = await startGateway(stage, { regions, settings: { refresh: { interval: `${interval}ms` } } })
  await timesOf(busy, seconds)
  const p99: number[] = []
  const p50: number[] = []
  const began = { at: performance.now(), cpu: cpuOf(busy.process.pid) }
  for (let round = 0; round < rounds; round++) {
    const times = await timesOf(busy, seconds)
    p50.push(quantile(times, 0.5))
    p99.push(quantile(times, 0.99))
  }
  const load = (cpuOf(busy.process.pid) - began.cpu) / (performance.now() - began.at)
  const scrapes: number[] = []
  for (let i = 0; i < rounds; i++) scrapes.push((await fetchBytes(`${busy.adminUrl}/metrics`)).whole)
  const ms = (time: number): string => `${time.toFixed(1)} ms`
  return ratioOf(
    `99th percentile of a one-region read while ${count} regions are refreshed each ${interval / 1000} s, ${kind === 'still' ? 'no' : 'every'} body changed`,
    { atMost: 30 },
    p99,
    `median ${ms(medianOf(p50))}; while nothing is refreshed ${ms(quantile(calm, 0.99))} and ${ms(quantile(calm, 0.5))}; ` +
      `a scrape of /metrics takes ${ms(medianOf(scrapes))}; the gateway uses ${(load * 100).toFixed(0)} % of a core`,
    ' ms',
  )
}

/** ms of small reads, one after the other for so long. */
async function timesOf(gateway: RunningGateway, seconds: number): Promise<number[]> {
  const headers = gateway.caller(['reader'])
  const url = `${gateway.url}/v1/release?region_name=${regionName(0)}&show=deployed`
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const answer = await fetchBytes(url, headers)
    if (freshIn(answer) !== 1) throw new Error('the region was not fresh')
    times.push(answer.whole)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  return times
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN
}
