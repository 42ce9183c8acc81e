import { startGateway } from './gateway.ts'
import { medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes, freshIn } from './requests.ts'
import { startSimulator } from './simulated.ts'
import { onStage } from './stage.ts'

/** A live read of a fleet of which every fiftieth region says nothing, with a deadline: how late is the first byte? */
export function benchBlackHoles(options: {
  readonly regions: number
  readonly rounds: number
}): Promise<Ratio[]> {
  const { regions: count, rounds } = options
  return onStage(async (stage) => {
    const flags = ['--regions', String(count), '--mode', 'front', '--latency', '20-200']
    const simulator = await startSimulator(stage, flags)
    const { regions } = simulator
    const dark = regions.filter((_, i) => i % 50 === 7)
    for (const { region_name } of dark) await simulator.setFault(region_name, { kind: 'black-hole' })
    // Nobody gives up on a black hole while the bench runs: otherwise it is backed off, and no longer waited for.
    const upstream = { first_byte_timeout: '10m', read_timeout: '10m' }
    const gateway = await startGateway(stage, {
      regions,
      settings: { refresh: { interval: '1h' }, upstream },
    })
    const headers = gateway.caller(['operator'])

    const times: number[] = []
    const fresh: number[] = []
    for (let round = -2; round < rounds; round++) {
      const answer = await fetchBytes(`${gateway.url}/v1/release?max_age=0&deadline=1s`, headers)
      if (round < 0) continue
      times.push(answer.firstByte)
      fresh.push(freshIn(answer))
    }
    return [
      ratioOf(
        `deadline of 1 s over ${count} regions with ${dark.length} black holes: first byte, against the deadline`,
        { atMost: 1.02 },
        times.map((time) => time / 1000),
        `${medianOf(times).toFixed(0)} ms; ${medianOf(fresh)} regions of 20–200 ms answered in time`,
      ),
    ]
  })
}
