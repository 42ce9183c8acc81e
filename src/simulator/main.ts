import { Command, InvalidArgumentError, Option } from 'commander'
import type { ReleaseMix } from './fleetPlan.ts'
import { parseStxRelease } from './region/release.ts'
import { createSimulator } from './simulator.ts'

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('a number ≥ 0')
  return value
}

/** `stx10=3,stx12=1` or plain names. */
const releaseMix = (text: string): ReleaseMix =>
  Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', share = '1'] = part.split('=')
      return [parseStxRelease(name), number(share)]
    }),
  )

/** `20-200`, in ms. */
const range = (text: string): [number, number] => {
  const [low = '', high = low] = text.split('-')
  return [number(low), number(high)]
}

const program = new Command('simulator')
  .description('A fleet of StarlingX regions on loopback addresses; prints one JSON line when all listen.')
  .option('--regions <n>', 'how many', number, 10)
  .option('--seed <n>', 'the same seed gives the same fleet', number, 1)
  .addOption(
    new Option('--profile <name>', 'a NOC morning, or all well').choices(['noc', 'plain']).default('plain'),
  )
  .option('--dark <share>', 'the share of regions that do not answer', number, 0)
  .option('--mix <releases>', 'such as 10=3,12=1', releaseMix)
  .addOption(new Option('--mode <mode>', 'how regions are reached').choices(['direct', 'front', 'mixed']))
  .option('--latency <range>', 'ms, such as 20-200', range)
  .option('--releases <n>', 'releases and patches per region', number)
  .option('--packages <n>', 'packages per release', number)
  .option('--hosts <n>', 'hosts per region', number)
  .option('--token <token>', 'the X-Auth-Token that every region wants')
  .option('--advance <ms>', 'every so many ms one running deployment takes a step', number, 0)
  .option('--transition <ms>', 'how long a region takes for what it does by itself', number)
  .option('--host-time <ms>', 'how long deploy_host takes', number)
  .option('--control-port <port>', 'any free one when 0', number, 0)
  .option('--exit-with-parent', 'stop when standard input closes')
  .parse()

interface Flags {
  readonly regions: number
  readonly seed: number
  readonly profile: 'noc' | 'plain'
  readonly dark: number
  readonly mix?: ReleaseMix
  readonly mode?: 'direct' | 'front' | 'mixed'
  readonly latency?: [number, number]
  readonly releases?: number
  readonly packages?: number
  readonly hosts?: number
  readonly token?: string
  readonly advance: number
  readonly transition?: number
  readonly hostTime?: number
  readonly controlPort: number
  readonly exitWithParent?: true
}
const flags = program.opts<Flags>()

const simulator = await createSimulator({
  seed: flags.seed,
  profile: flags.profile,
  fleet: {
    regions: flags.regions,
    dark: flags.dark,
    ...(flags.mix ? { mix: flags.mix } : {}),
    ...(flags.mode ? { mode: flags.mode } : {}),
    ...(flags.latency ? { latency: flags.latency } : {}),
    ...(flags.token === undefined ? {} : { token: flags.token }),
    size: {
      ...(flags.releases ? { releases: flags.releases } : {}),
      ...(flags.packages === undefined ? {} : { packages: flags.packages }),
      ...(flags.hosts ? { hosts: flags.hosts } : {}),
    },
  },
  advanceEveryMs: flags.advance,
  ...(flags.transition === undefined ? {} : { transitionMs: flags.transition }),
  ...(flags.hostTime === undefined ? {} : { hostMs: flags.hostTime }),
  controlPort: flags.controlPort,
}).catch((error: unknown) => {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`)
  return process.exit(1)
})

let stopping = false
const stop = () => {
  if (stopping) return
  stopping = true
  void simulator.close().finally(() => process.exit(0))
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
if (flags.exitWithParent) process.stdin.resume().on('close', stop).on('error', stop)
process.stdout.write(
  `${JSON.stringify({ ready: true, control: simulator.control, regions: simulator.regions().length })}\n`,
)
