import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startGateway, type RunningGateway } from './gateway.ts'
import { interleaved, medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes } from './requests.ts'
import { startSimulator } from './simulated.ts'
import { onStage } from './stage.ts'

interface RestartOptions {
  readonly regions: number
  readonly rounds: number
  /** How long it is watched while it writes. */
  readonly seconds: number
}

/** What a gateway that keeps its state needs longer to start, and writes meanwhile. */
export function benchRestart({ regions: count, rounds, seconds }: RestartOptions): Promise<Ratio[]> {
  return onStage(async (stage) => {
    const flags = ['--regions', String(count), '--mode', 'front', '--latency', '0-1', '--mix', '10=1']
    const { regions } = await startSimulator(stage, flags)
    const folder = join(stage.folder, 'state')
    const start = (settings: Readonly<Record<string, unknown>>): Promise<RunningGateway> =>
      startGateway(stage, { regions, settings })

    const writing = await start({ state_dir: folder, refresh: { interval: '30s' } })
    await fetchBytes(`${writing.url}/v1/query_hosts?deadline=60s`, writing.caller(['operator']))
    const pause = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000))
    // The first answers are all new: they are written by then.
    await pause(Math.min(seconds, 10))
    const before = writtenBy(writing.process.pid)
    await pause(seconds)
    const aMinute = ((writtenBy(writing.process.pid) - before) / seconds) * 60
    await writing.process.stop()
    const size = statSync(join(folder, 'answers.log')).size

    const timeOf = async (settings: Readonly<Record<string, unknown>>): Promise<number> => {
      const gateway = await start(settings)
      await gateway.process.stop()
      return gateway.startedIn
    }
    const times = await interleaved(
      rounds,
      () => timeOf({ state_dir: folder }),
      () => timeOf({}),
    )
    const ms = (of: readonly number[]): string => `${medianOf(of).toFixed(0)} ms`
    return [
      ratioOf(
        `start with ${count} regions kept, until it listens, against a start without state (times as long)`,
        { atMost: 3 },
        times.map(({ ours, peer }) => ours / peer),
        `20 releases, 20 patches, 2 hosts each: ${ms(times.map(({ ours }) => ours))} against ${ms(times.map(({ peer }) => peer))}; ` +
          `answers.log is ${(size / count / 1024).toFixed(1)} KB a region; refreshed each 30 s it writes ${(aMinute / 2 ** 20).toFixed(1)} MB a minute`,
      ),
    ]
  })
}

/** Bytes that a process has had written to the disk, by whole pages. */
function writtenBy(pid: number): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
}
