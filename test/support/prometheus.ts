import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A series of an answer, with its value now. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Target {
  readonly address: string
  /** Of the scrape: `{ group: ['east'] }`. */
  readonly params?: Readonly<Record<string, readonly string[]>>
  /** A bearer token, for the gateway itself. */
  readonly token?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Debian's Prometheus, scraping each second. */
export interface Prometheus {
  readonly url: string
  /** Throws what Prometheus says of an expression that it can't evaluate. */
  readonly query: (expression: string) => Promise<readonly Series[]>
  /** GET of its API, as JSON. */
  readonly get: (path: string) => Promise<unknown>
  readonly close: () => Promise<void>
}

export const job = 'stx-fleet-gateway'
const rules = join(import.meta.dirname, '../../config/prometheus/rules.yaml')

/** With our own rules. */
export async function startPrometheus(targets: readonly Target[]): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'stx-prometheus-'))
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '2s' },
    rule_files: [rules],
    scrape_configs: targets.map(({ address, params = {}, token, labels = {} }, i) => ({
      job_name: `${job}-${i}`,
      params,
      ...(token !== undefined && { authorization: { credentials: token } }),
      static_configs: [{ targets: [address], labels: { job, ...labels } }],
    })),
  }
  await writeFile(join(folder, 'prometheus.yaml'), JSON.stringify(config))
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
  ])
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = once(child, 'exit')
  const url = `http://${address}`
  const get = async (path: string): Promise<unknown> => (await fetch(url + path)).json()
  for (;;) {
    const ready = await fetch(`${url}/-/ready`).then(
      (answer) => answer.status === 200,
      () => false,
    )
    if (ready) break
    if (child.exitCode !== null) throw new Error(`prometheus did not start: ${log}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    get,
    async query(expression) {
      const answer = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as Answer
      if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`)
      const { resultType, result } = answer.data
      if (resultType !== 'vector') throw new Error(`${expression}: gives a ${resultType}`)
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    async close() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Answer =
  | { readonly status: 'error'; readonly error: string }
  | {
      readonly status: 'success'
      readonly data: {
        readonly resultType: string
        readonly result: readonly {
          readonly metric: Readonly<Record<string, string>>
          readonly value: readonly [number, string]
        }[]
      }
    }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
