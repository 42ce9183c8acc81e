import { medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes } from './requests.ts'
import { onStage, rssOf } from './stage.ts'

interface FleetApiOptions {
  readonly regions: number
  readonly rounds: number
  readonly seconds: number
}

/** ms between the beginnings of two requests: fifty a second. */
const pause = 20
/** ms more than the same server needs to say that it is alive. */
const allowed = 30

const questions: Readonly<Record<string, string>> = {
  summary: 'summary',
  'hosts?patch_current=false': 'hosts?patch_current=false',
  drift: 'drift',
  'a page of 500 hosts': 'hosts?page_size=500',
}

/** The fleet's own API while regions land as they do for a refresher, beside the answer of a trivial route. */
export function benchFleetApi({ regions, rounds, seconds }: FleetApiOptions): Promise<Ratio[]> {
  return onStage(async (stage) => {
    const server = stage.startNode(['bench/fleet-server.ts', String(regions)])
    const { url, adminUrl } = JSON.parse(await server.line(/"listening"/)) as {
      url: string
      adminUrl: string
    }
    const before = rssOf(server.pid)
    const paths = [`${adminUrl}/livez`, ...Object.values(questions).map((path) => `${url}/fleet/v1/${path}`)]
    await timesOf(paths, seconds)
    const rows: number[][][] = []
    for (let round = 0; round < rounds; round++) rows.push(await timesOf(paths, seconds))
    const after = rssOf(server.pid)
    return Object.keys(questions).map((name, i) => {
      const p99 = (k: number): number[] => rows.map((times) => quantile(times[k] ?? [], 0.99))
      const livez = p99(0)
      const own = p99(i + 1)
      const p50 = medianOf(rows.map((times) => quantile(times[i + 1] ?? [], 0.5)))
      return ratioOf(
        `99th percentile of ${name} over ${regions} regions × 4 hosts × 20 releases, beyond that of /livez`,
        { atMost: allowed },
        own.map((time, k) => time - (livez[k] ?? NaN)),
        `${ms(medianOf(own))} against ${ms(medianOf(livez))}, median ${ms(p50)}; ${1000 / pause} requests a second, ` +
          `${Math.round(regions / 30)} regions landing a second; ${megabytes(after)} of memory, ${megabytes(after - before)} of it since the first request`,
        ' ms',
      )
    })
  })
}

/** ms of each path's answers, asked in turn at fixed moments whether the one before has come or not. */
async function timesOf(paths: readonly string[], seconds: number): Promise<number[][]> {
  const times: number[][] = paths.map(() => [])
  const pending: Promise<void>[] = []
  for (let i = 0; i < (seconds * 1000) / pause; i++) {
    const which = i % paths.length
    pending.push(
      fetchBytes(paths[which] ?? '').then(({ status, whole, body }) => {
        if (status !== 200) throw new Error(`HTTP ${status}: ${body.toString('utf8', 0, 300)}`)
        times[which]?.push(whole)
      }),
    )
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  await Promise.all(pending)
  return times
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN
}

function ms(time: number): string {
  return `${time.toFixed(1)} ms`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}
