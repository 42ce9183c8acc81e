import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openBrowser } from '../../test/support/browser.ts'
import { root } from './lock.ts'

// `npm run docs:picture`: the README's picture. What stands in it is what the demo really said.

const port = '8093'
const url = `http://127.0.0.1:${port}`
const demo = spawn(process.execPath, ['src/demo/main.ts', '--port', port, '--admin-port', '9493'], {
  cwd: root,
})
let welcome = ''
await new Promise<void>((resolve) => {
  demo.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    welcome += chunk
    if (welcome.includes('Ctrl-C stops everything')) resolve()
  })
})
const token = /export TOKEN=(\S+)/.exec(welcome)?.[1] ?? ''

/** What is shown as typed, and what it printed. */
function run(shown: string): string {
  const typed = shown.replaceAll('$URL', url)
  const printed = execFileSync('bash', ['-c', typed], {
    encoding: 'utf8',
    env: { ...process.env, TOKEN: token },
  })
  return `<b>$ ${html(shown)}</b>\n${html(printed.trimEnd())}\n\n`
}

const text = [
  run(`curl -s -H "Authorization: Bearer $TOKEN" -D- -o /dev/null $URL/v1/query_hosts | grep -i ^fleet`),
  run(
    `curl -s -H "Authorization: Bearer $TOKEN" "$URL/v1/deploy?group=west&with=subcloud_name" | head -c 330`,
  ),
  run(`GATEWAY=$URL node examples/a-day-with-the-fleet.ts | sed -n '1,9p; /# Why/,/# Drift/p' | cut -c1-118`),
].join('')
demo.kill('SIGINT')
await once(demo, 'exit')

const browser = await openBrowser()
const page = await browser.newPage({ viewport: { width: 1180, height: 100 }, deviceScaleFactor: 1.5 })
await page.setContent(
  `<style>body { margin: 0; background: #10151c } pre { margin: 0; padding: 22px 26px 4px; color: #c9d4e0; font: 14px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere } b { color: #7fd1a8; font-weight: 400 }</style><pre>${text}</pre>`,
)
await page.locator('pre').screenshot({ path: join(root, 'docs/demo.png') })
await browser.close()

function html(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
