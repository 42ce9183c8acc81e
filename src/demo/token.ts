import { Command } from 'commander'
import { durationFlag, listFlag, portFlag } from './flags.ts'
import { signToken } from './key.ts'
import { createRegistry } from './registry.ts'

interface Flags {
  readonly roles: readonly string[]
  readonly regions: readonly string[]
  readonly ttl: number
  readonly port?: number
}

const flags = new Command('demo:token')
  .description('Prints a token that the running demo trusts.')
  .option('--roles <list>', 'reader, operator, configurator, admin', listFlag, ['reader'])
  .option('--regions <list>', "names, globs, group:… or label:k=v, such as 'boston-*,group:west'", listFlag, [
    '*',
  ])
  .option('--ttl <time>', 'such as 90s, 15m, 1h', durationFlag, 3600)
  .option('--port <port>', 'which demo, when several run', portFlag)
  .parse()
  .opts<Flags>()

try {
  const demo = await createRegistry().find(flags.port)
  const { roles, regions, ttl } = flags
  process.stdout.write(`${await signToken(demo.keyFile, { roles, regions, ttlSeconds: ttl })}\n`)
} catch (error) {
  process.stderr.write(`demo:token: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
