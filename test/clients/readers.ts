import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { fetch as undiciFetch } from 'undici'
import { rawGet } from '../support/fleet-socket.ts'

export interface Read {
  /** As the client tells them; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** As the client gives it on: unpacked. */
  readonly body: Buffer
}

/** A client that asks for gzip and unpacks it, each in its own way. */
export type Reader = (url: string, token: string) => Promise<Read>

export const nodeFetch: Reader = async (url, token) => {
  const answer = await fetch(url, { headers: { 'x-auth-token': token } })
  return { headers: Object.fromEntries(answer.headers), body: Buffer.from(await answer.arrayBuffer()) }
}

export const undici: Reader = async (url, token) => {
  const answer = await undiciFetch(url, { headers: { 'x-auth-token': token } })
  return { headers: Object.fromEntries(answer.headers), body: Buffer.from(await answer.arrayBuffer()) }
}

export function curl(...options: readonly string[]): Reader {
  return async (url, token) => {
    const wanted = ['--silent', '--show-error', '--fail', '--compressed', ...options]
    const told = ['--write-out', '%{stderr}%{header_json}', '--header', `X-Auth-Token: ${token}`]
    const { stdout, stderr } = await run('curl', [...wanted, ...told, url])
    const headers = Object.entries(JSON.parse(stderr.toString()) as Record<string, string[]>)
    return {
      headers: Object.fromEntries(headers.map(([name, values]) => [name, values.join(', ')])),
      body: stdout,
    }
  }
}

/** `unpack` is Python's way from the `answer` to its `plain` bytes. */
export function python(unpack: string): Reader {
  const program = `
import gzip, json, sys, urllib.request, zlib
headers = {'X-Auth-Token': sys.argv[2], 'Accept-Encoding': 'gzip'}
with urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers=headers)) as answer:
    ${unpack}
    json.dump({name.lower(): value for name, value in answer.headers.items()}, sys.stderr)
sys.stdout.buffer.write(plain)
`
  return async (url, token) => {
    const { stdout, stderr } = await run('/usr/bin/python3', ['-c', program, url, token])
    return { headers: JSON.parse(stderr.toString()) as Record<string, string>, body: stdout }
  }
}

/** The program gzip, of what came over the socket. */
export const gunzip: Reader = async (url, token) => {
  const { origin, pathname, search } = new URL(url)
  const asked = [`X-Auth-Token: ${token}`, 'Accept-Encoding: gzip']
  const { headers, body } = await rawGet(origin, pathname + search, asked)
  const { stdout } = await run('gzip', ['-dc'], body)
  return { headers: Object.fromEntries(headers), body: stdout }
}

/** What a script in the page sees; the page must come from the same gateway. */
export function browser(page: () => Page): Reader {
  return async (url, token) => {
    const { headers, body } = await page().evaluate(fetchInPage, { url, token })
    return { headers, body: Buffer.from(body, 'latin1') }
  }
}

/** A byte for each character, as Chromium hands on text only. */
async function fetchInPage({ url, token }: { url: string; token: string }) {
  const answer = await fetch(url, { headers: { 'x-auth-token': token } })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const body = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return { headers: Object.fromEntries(answer.headers), body }
}

/** Without the caller's environment: no proxy of his, and no settings. */
async function run(
  program: string,
  args: readonly string[],
  input: Buffer = Buffer.alloc(0),
): Promise<{ stdout: Buffer; stderr: Buffer }> {
  const running = promisify(execFile)(program, args, {
    encoding: 'buffer',
    env: { PATH: '/usr/bin:/bin' },
    maxBuffer: 64 * 1024 * 1024,
  })
  running.child.stdin?.end(input)
  return running
}
