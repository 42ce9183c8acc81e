import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { freePort, type Stage, type Started } from '../stage.ts'

export interface RunningNginx {
  readonly url: string
  readonly process: Started
  /** Puts a file in the place of what was there, at once. */
  write(path: string, bytes: Buffer): void
}

/** Debian's nginx with one of the configurations in this folder, one worker, in the foreground. */
export async function startNginx(stage: Stage, configuration: 'files' | 'origin'): Promise<RunningNginx> {
  const folder = join(stage.folder, configuration)
  const port = await freePort()
  const text = readFileSync(join(import.meta.dirname, `${configuration}.conf`), 'utf8')
  const write = (path: string, bytes: Buffer | string): void => {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, bytes)
    renameSync(`${file}.new`, file)
  }
  mkdirSync(join(folder, 'files'), { recursive: true })
  write('nginx.conf', text.replaceAll('@PORT@', String(port)))
  const flags = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;']
  const process = stage.start('nginx', flags)
  while (!(await accepts(port))) await new Promise((resolve) => setTimeout(resolve, 20))
  return { url: `http://127.0.0.1:${port}`, process, write: (path, bytes) => write(`files/${path}`, bytes) }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
