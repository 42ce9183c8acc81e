import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The gateway as a process of its own, with a folder for its configuration and the files that this names. */
export interface GatewayProcess {
  readonly url: string
  readonly adminUrl: string
  readonly pid: number
  /** In its folder. */
  readonly file: (name: string) => string
  /** Puts a file in place at once, as a careful operator does. */
  put(name: string, content: string): Promise<void>
  /** The configuration, with listeners on free ports of loopback. */
  configure(config: object): Promise<void>
  hangUp(): void
  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGUSR2'): void
  /** Its exit code, once it has ended by itself. */
  readonly exited: Promise<number | null>
  /** All that it wrote so far. */
  output(): string
  /** The value of one sample on the admin port; undefined where there is none. */
  metric(sample: string): Promise<number | undefined>
  /** Ends it, and starts another one in its folder; `meanwhile` is between the two. */
  again(signal: 'SIGTERM' | 'SIGKILL', meanwhile?: () => Promise<void> | void): Promise<GatewayProcess>
  end(): Promise<void>
}

const source = join(import.meta.dirname, '../../src/main.ts')
const loopback = { host: '127.0.0.1', port: 0 }

export interface StartingProcess {
  configure(config: object): Promise<void>
  hangUp(): void
}

export interface ProcessOptions {
  /** Happens when it has begun to read its configuration, and before it has it. */
  readonly whileReading?: (starting: StartingProcess) => Promise<void>
  readonly nodeFlags?: readonly string[]
  /** The program, where it is not the source. */
  readonly main?: string
}

/** `files` are there before it starts; `config` is made of where they are. */
export async function startGatewayProcess(
  files: Readonly<Record<string, string>>,
  config: (file: (name: string) => string) => object,
  options: ProcessOptions = {},
): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-process-'))
  const file = (name: string): string => join(folder, name)
  const put = async (name: string, content: string): Promise<void> => {
    await writeFile(file(`${name}.new`), content)
    await rename(file(`${name}.new`), file(name))
  }
  const configure = (next: object): Promise<void> =>
    put('gateway.json', JSON.stringify({ listen: loopback, admin: loopback, ...next }, undefined, 1))
  for (const [name, content] of Object.entries(files)) await put(name, content)
  await configure(config(file))
  return run({ folder, file, put, configure }, options)
}

type Place = Pick<GatewayProcess, 'file' | 'put' | 'configure'> & { readonly folder: string }

async function run(place: Place, options: ProcessOptions): Promise<GatewayProcess> {
  const { folder, file, put, configure } = place
  const { whileReading, nodeFlags = [], main = source } = options
  if (whileReading) {
    await rename(file('gateway.json'), file('first.json'))
    execFileSync('mkfifo', [file('gateway.json')])
  }

  const child = spawn(process.execPath, [...nodeFlags, main, '--config', file('gateway.json')])
  const hangUp = (): void => void child.kill('SIGHUP')
  const ended = once(child, 'exit')
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  if (whileReading) {
    // Opens when the process opens the other end.
    const writing = await open(file('gateway.json'), 'w')
    try {
      await whileReading({ configure, hangUp })
      await writing.writeFile(await readFile(file('first.json')))
    } finally {
      await writing.close()
    }
  }
  const listening = async (): Promise<string> => {
    for (;;) {
      const line = output.split('\n').find((each) => each.includes('"msg":"listening"'))
      if (line !== undefined) return line
      await Promise.race([once(child.stdout, 'data'), ended])
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the gateway did not start: ${output}`)
    }
  }
  const { url, adminUrl } = JSON.parse(await listening()) as { url: string; adminUrl: string }
  return {
    url,
    adminUrl,
    pid: child.pid ?? 0,
    file,
    put,
    configure,
    hangUp,
    signal: (signal) => void child.kill(signal),
    exited: ended.then(() => child.exitCode),
    output: () => output,
    async metric(sample) {
      const text = await (await fetch(`${adminUrl}/metrics`)).text()
      const line = text.split('\n').find((each) => each.startsWith(`${sample} `))
      return line === undefined ? undefined : Number(line.slice(sample.length))
    },
    async again(signal, meanwhile) {
      child.kill(signal)
      await ended
      await meanwhile?.()
      return run(place, options)
    },
    async end() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
