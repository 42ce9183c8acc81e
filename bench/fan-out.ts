import { request } from 'node:http'
import { askAllBare } from './bare-client.ts'
import { startFleetAndGateway, type Running } from './processes.ts'
import { medianOf, ratioOf, type Ratio } from './ratio.ts'

/** A live read of the whole fleet (`max_age=0`), to the first byte, against a bare socket client asking the same regions. */
export async function benchFanOut({
  regions,
  rounds,
}: {
  regions: number
  rounds: number
}): Promise<Ratio[]> {
  const ratios: Ratio[] = []
  for (const [mode, atMost] of [
    ['front', 1.15],
    ['direct', 1.25],
  ] as const) {
    const flags = ['--regions', String(regions), '--profile', 'plain', '--mode', mode, '--latency', '20-200']
    const running = await startFleetAndGateway([...flags, '--releases', '20', '--packages', '40'])
    try {
      ratios.push(await measure(running, mode, atMost, rounds))
    } finally {
      running.stop()
    }
  }
  return ratios
}

async function measure(running: Running, mode: string, atMost: number, rounds: number): Promise<Ratio> {
  const endpoints = running.regions.flatMap(({ endpoints: { usm } }) =>
    usm === undefined ? [] : [new URL(usm)],
  )
  const bare: number[] = []
  const ours: number[] = []
  // The first rounds find out dialects and open connections.
  for (let round = -2; round < rounds; round++) {
    const floor = await askAllBare(endpoints, '/v1/release')
    const first = await firstByte(running)
    if (round < 0) continue
    bare.push(floor)
    ours.push(first)
  }
  return ratioOf(
    `live fan-out over ${endpoints.length} ${mode} regions of 20–200 ms, first byte, against bare sockets`,
    { atMost },
    ours.map((time, i) => time / (bare[i] ?? NaN)),
    `${medianOf(ours).toFixed(0)} ms against ${medianOf(bare).toFixed(0)} ms`,
  )
}

function firstByte({ url, headers, regions }: Running): Promise<number> {
  const before = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/release?max_age=0&deadline=60s`, { headers }, (answer) => {
      const took = performance.now() - before
      const fresh = /fresh=(\d+)/.exec(String(answer.headers['fleet-regions']))?.[1]
      if (Number(fresh) !== regions.length)
        reject(new Error(`only ${fresh} of ${regions.length} regions were fresh`))
      answer.resume()
      answer.once('end', () => resolve(took))
    })
    sent.once('error', reject)
    sent.end()
  })
}
