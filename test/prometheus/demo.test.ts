import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { assertPrometheus } from '../../src/demo/scraping.ts'
import { until } from '../support/simulated-fleet.ts'

test(
  'the demo brings a Prometheus that scrapes it, and ends it with itself',
  { timeout: 90_000 },
  async () => {
    const [port, admin, scraping] = [await freePort(), await freePort(), await freePort()]
    const flags = ['--regions', '20', '--port', port, '--admin-port', admin, '--prometheus-port', scraping]
    const main = join(import.meta.dirname, '../../src/demo/main.ts')
    const demo = spawn(process.execPath, [main, '--prometheus', ...flags.map(String)])
    onTestFinished(() => void demo.kill('SIGTERM'))
    const exit = once(demo, 'close')
    let printed = ''
    demo.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await until(() => printed.includes('Ctrl-C stops everything') || demo.exitCode !== null)
    expect(printed).toContain(`http://127.0.0.1:${scraping}/graph`)

    const query = `http://127.0.0.1:${scraping}/api/v1/query?query=${encodeURIComponent('stx:regions:count')}`
    await until(async () => (await (await fetch(query)).text()).includes('"20"]'))
    demo.kill('SIGINT')
    expect(await exit).toEqual([0, null])
    await expect(fetch(query)).rejects.toThrow()
    expect(existsSync(/files +(\S+)/.exec(printed)?.[1] ?? '/')).toBe(false)
  },
)

test('where there is no Prometheus, it is told how to get one', () => {
  expect(() => assertPrometheus('/nowhere:/also-nowhere')).toThrow(
    'apt-get install -y --no-install-recommends prometheus',
  )
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
