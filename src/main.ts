import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { ConfigError, parseConfig } from './config/parse.ts'
import { unreadableFiles } from './config/unreadable.ts'
import { withoutEffect } from './config/without-effect.ts'
import { start } from './start.ts'

interface Flags {
  readonly config: string
  readonly check?: boolean
}

const command = new Command('stx-fleet-gateway')
  .description('One endpoint for a whole StarlingX fleet')
  .requiredOption('--config <file>', 'the configuration (YAML or JSON), see docs/configuration.md')
  .option('--check', 'only check the configuration')
  .parse()
const flags = command.opts<Flags>()

/** Exit codes: 2, a mistake in the configuration; 1, anything else that keeps the gateway from running. */
function fail(code: number, message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

async function main(): Promise<void> {
  const text = await readFile(flags.config, 'utf8').catch((error: unknown) =>
    fail(2, `${flags.config}: ${error instanceof Error ? error.message : 'cannot be read'}`),
  )
  const config = parseConfig(text, flags.config)
  const unreadable = await unreadableFiles(config)
  if (flags.check) {
    // A configuration may be checked where its secrets are not; to run without them would be to start broken.
    const notes = [...unreadable, ...withoutEffect(config)].map((note) => `\n${flags.config}: note: ${note}`)
    process.stdout.write(`${flags.config}: ok, ${config.regions.length} regions${notes.join('')}\n`)
    return
  }
  if (unreadable.length > 0) fail(2, unreadable.map((mistake) => `${flags.config}: ${mistake}`).join('\n'))
  const gateway = await start(config)
  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(1)
    stopping = true
    void gateway.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) fail(2, error.mistakes.join('\n'))
  fail(1, error instanceof Error ? error.message : String(error))
})
