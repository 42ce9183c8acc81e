import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { scrapeConfig } from './scraping.ts'

// Runs Debian's Prometheus over a demo: `prometheus.ts PORT TARGET FOLDER`. Prints its address once it is ready.

const [port = '', target = '', folder = ''] = process.argv.slice(2)
const configFile = join(folder, 'prometheus.json')
await writeFile(configFile, scrapeConfig(target), { mode: 0o600 })
const child = spawn(
  'prometheus',
  [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
child.once('exit', (code) => process.exit(code ?? 1))
process.on('SIGTERM', () => void child.kill('SIGTERM'))

const url = `http://127.0.0.1:${port}`
const isReady = (): Promise<boolean> =>
  fetch(`${url}/-/ready`).then(
    ({ status }) => status === 200,
    () => false,
  )
while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 100))
process.stdout.write(`${url}\n`)
