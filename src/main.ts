import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { Command } from 'commander'
import { namedFiles, watchFiles } from './config/files.ts'
import { ConfigError, parseConfig } from './config/parse.ts'
import type { Config } from './config/schema.ts'
import { stopsWithin, unitGives } from './config/stops-within.ts'
import { unreadableFiles } from './config/unreadable.ts'
import { probe, tableOf } from './probe.ts'
import { start, userAgent, type Gateway } from './start.ts'
import { version } from './version.ts'

interface Flags {
  readonly config: string
  readonly check?: boolean
  readonly probe?: boolean
}

const command = new Command('stx-fleet-gateway')
  .description('One endpoint for a whole StarlingX fleet')
  .version(version)
  .requiredOption('--config <file>', 'the configuration (YAML or JSON), see docs/configuration.md')
  .option('--check', 'only check the configuration')
  .option('--probe', 'with --check: also ask each source, and a sample of the regions')
  .parse()
const flags = command.opts<Flags>()

/** Exit codes: 2, a mistake in the configuration; 1, anything else that keeps the gateway from running. */
function fail(code: number, message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

async function main(): Promise<void> {
  if (flags.check) return check()
  // Process 1 of a container does not end by itself; before it listens there is nothing to finish.
  let stop: (hurried: boolean) => void = () => process.exit(0)
  process.on('SIGTERM', () => stop(false))
  // Someone sits there: no balancer has to hear of it first.
  process.on('SIGINT', () => stop(true))
  const started = Promise.withResolvers<Gateway>()
  endOnFaults(started.promise)
  // Before anything is read: what changes while the gateway starts is read anew as soon as it has started.
  const following = followChanges(started.promise)
  const config = await read()
  following.watch(config)
  const unreadable = await unreadableFiles(config)
  if (unreadable.length > 0) fail(2, unreadable.map((mistake) => `${flags.config}: ${mistake}`).join('\n'))
  const gateway = await start(config)
  started.resolve(gateway)
  let stopping = false
  const end = async (hurried: boolean): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    following.stop()
    await gateway.drain(hurried)
    await gateway.close()
    process.exit(0)
  }
  stop = (hurried) => void end(hurried)
}

/** What nobody caught leaves a state that nobody thought of: it is told, and the process ends. */
function endOnFaults(started: Promise<Gateway>): void {
  let gateway: Gateway | undefined
  void started.then((it) => void (gateway = it))
  process.once('uncaughtException', (fault, origin) => {
    process.on('uncaughtException', () => process.exit(1))
    if (gateway === undefined) fail(1, inspect(fault))
    void gateway.crashed(fault, origin).finally(() => process.exit(1))
  })
}

async function read(): Promise<Config> {
  const text = await readFile(flags.config, 'utf8').catch((error: unknown) => fail(2, unread(error)))
  return parseConfig(text, flags.config)
}

async function check(): Promise<void> {
  const config = await read()
  const unreadable = await unreadableFiles(config)
  // A configuration may be checked where its secrets are not; to run without them would be to start broken.
  const notes = [...unreadable, ...patienceNote(config)].map((note) => `\n${flags.config}: note: ${note}`)
  process.stdout.write(
    `${flags.config}: ok, ${config.regions.length} regions, ${config.discovery.length} sources${notes.join('')}\n`,
  )
  if (!flags.probe || unreadable.length > 0) return
  const rows = await probe(config, userAgent)
  process.stdout.write(`${tableOf(rows)}\n`)
  // A dark region is no mistake of the configuration's; where nothing at all answers, something of it is wrong.
  if (rows.length > 0 && rows.every(({ result }) => result !== 'ok')) process.exitCode = 1
}

/** Whoever kills it earlier loses what became of writes. */
function patienceNote(config: Config): string[] {
  const seconds = stopsWithin(config)
  if (seconds <= unitGives) return []
  return [
    `drain: the gateway may take ${seconds} s to end, so TimeoutStopSec or terminationGracePeriodSeconds must be as long`,
  ]
}

/** Reads everything anew on SIGHUP, and when the configuration or a file that it names has changed. */
function followChanges(started: Promise<Gateway>): { watch(config: Config): void; stop(): void } {
  let running: Promise<unknown> = started
  // A gateway that stops ends with what it began with.
  let stopped = false
  const readAnew = async (): Promise<void> => {
    const gateway = await started
    if (stopped) return
    try {
      const next = parseConfig(await readFile(flags.config, 'utf8'), flags.config)
      const unreadable = await unreadableFiles(next)
      if (unreadable.length > 0) return gateway.reloadFailed(unreadable)
      await gateway.reload(next)
      if (!stopped) watch(next)
    } catch (error) {
      gateway.reloadFailed(error instanceof ConfigError ? error.mistakes : [unread(error)])
    }
  }
  // One after the other: two at once could end with the older one.
  const change = (): void => void (running = running.then(readAnew))
  const files = watchFiles(change)
  const watch = (config: Config): void =>
    files.set([flags.config, ...namedFiles(config).map(([, file]) => file)])
  files.set([flags.config])
  process.on('SIGHUP', change)
  const stop = (): void => {
    stopped = true
    files.stop()
  }
  return { watch, stop }
}

function unread(error: unknown): string {
  return `${flags.config}: ${error instanceof Error ? error.message : 'cannot be read'}`
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) fail(2, error.mistakes.join('\n'))
  fail(1, error instanceof Error ? error.message : String(error))
})
