import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A program that the demo runs and answers for. */
export interface Child {
  readonly name: string
  readonly pid: number | undefined
  /** The first line that it prints. */
  readonly firstLine: Promise<string>
  /** Resolves with a sentence when it has ended, however that came. */
  readonly ended: Promise<string>
  /** The last lines of its standard error, or of its output when there are none. */
  lastLines(): string
  /** Ends it: politely, after 5 s by force. */
  stop(): Promise<void>
}

/** Ends the process when its standard input closes: no child outlives a demo that was killed. */
const endWithParent =
  'data:text/javascript,' +
  encodeURIComponent(
    "process.stdin.on('close',()=>process.kill(process.pid,'SIGTERM')).on('error',()=>{}).resume().unref()",
  )

/** Starts a TypeScript program on this Node; what it prints goes to the log file. */
export function startChild(name: string, program: string, args: readonly string[], logFile: string): Child {
  // Its own process group: Ctrl-C reaches only the demo, which then stops its children in order.
  const child = spawn(process.execPath, ['--import', endWithParent, program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  child.stdin.on('error', () => undefined)
  const log = createWriteStream(logFile, { mode: 0o600 })
  // The folder of the log goes when the demo ends, perhaps before the last line is written.
  log.on('error', () => undefined)
  const last = { out: [] as string[], err: [] as string[] }
  const output = createInterface(child.stdout)
  const keep = (lines: string[]) => (line: string) => {
    log.write(`${line}\n`)
    lines.push(line)
    if (lines.length > 15) lines.shift()
  }
  output.on('line', keep(last.out))
  createInterface(child.stderr).on('line', keep(last.err))

  let exited = false
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`the ${name} could not be started: ${error.message}`))
    child.once('close', (code, signal) => {
      exited = true
      resolve(`the ${name} ended with ${signal ?? `exit code ${code}`}`)
    })
  })
  return {
    name,
    pid: child.pid,
    firstLine: once(output, 'line').then(([line]) => String(line)),
    ended,
    lastLines: () => (last.err.length > 0 ? last.err : last.out).join('\n'),
    async stop() {
      if (exited || child.pid === undefined) return
      const force = setTimeout(() => child.kill('SIGKILL'), 5_000)
      child.kill('SIGTERM')
      await ended
      clearTimeout(force)
    },
  }
}
