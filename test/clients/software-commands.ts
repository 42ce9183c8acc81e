import type { Read } from './client-call.ts'
import { softwareCli, uploaded, type SoftwareCli } from './software-cli.ts'

/** How a client of this release reads the answers to a command, as it was typed. */
export function readOf(client: SoftwareCli, command: string): Read {
  const typed = command.replace(/^software /, '').replace(/^--debug /, '')
  if (typed.startsWith('upload')) return uploaded
  const found = softwareCli(client, { token: '', release: '', host: '' })
    .filter((call) => typed === call.command || typed.startsWith(`${call.command} `))
    .sort((a, b) => b.command.length - a.command.length)[0]
  if (found === undefined) throw new Error(`no rule for ${command}`)
  return found.read
}
