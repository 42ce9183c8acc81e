import { askAllBare } from './bare-client.ts'
import { startGateway } from './gateway.ts'
import { medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes, freshIn } from './requests.ts'
import { startSimulator } from './simulated.ts'
import { onStage, type Stage } from './stage.ts'

/** The bound for each way to reach regions: fronts keep connections open, services themselves do not. */
const bounds = { front: 1.15, direct: 1.25 } as const
type Mode = keyof typeof bounds

interface FanOutOptions {
  readonly regions: number
  readonly rounds: number
  readonly modes: readonly Mode[]
}

/** A live read of the whole fleet (`max_age=0`), to the first byte, against a bare socket client asking the same regions. */
export async function benchFanOut(options: FanOutOptions): Promise<Ratio[]> {
  const ratios: Ratio[] = []
  for (const mode of options.modes) ratios.push(await onStage((stage) => measure(stage, mode, options)))
  return ratios
}

async function measure(stage: Stage, mode: Mode, { regions: count, rounds }: FanOutOptions): Promise<Ratio> {
  const flags = ['--regions', String(count), '--mode', mode, '--latency', '20-200']
  const { regions } = await startSimulator(stage, flags)
  const gateway = await startGateway(stage, { regions })
  const headers = gateway.caller(['operator'])
  const endpoints = regions.flatMap(({ usm }) => (usm === undefined ? [] : [new URL(usm)]))
  const bare: number[] = []
  const ours: number[] = []
  // The first rounds open connections.
  for (let round = -2; round < rounds; round++) {
    const floor = await askAllBare(endpoints, '/v1/release')
    const answer = await fetchBytes(`${gateway.url}/v1/release?max_age=0&deadline=60s`, headers)
    if (freshIn(answer) !== count) throw new Error(`only ${freshIn(answer)} of ${count} regions were fresh`)
    if (round < 0) continue
    bare.push(floor)
    ours.push(answer.firstByte)
  }
  return ratioOf(
    `live fan-out over ${endpoints.length} ${mode} regions of 20–200 ms, first byte, against bare sockets`,
    { atMost: bounds[mode] },
    ours.map((time, i) => time / (bare[i] ?? NaN)),
    `${medianOf(ours).toFixed(0)} ms against ${medianOf(bare).toFixed(0)} ms`,
  )
}
