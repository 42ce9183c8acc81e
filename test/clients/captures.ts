import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from './client-call.ts'

/** One run of the real `software` command line, with all that went over the wire. */
export interface Capture {
  readonly client: '10' | '12'
  /** As it was typed. */
  readonly command: string
  /** Its exit code. */
  readonly code: number
  readonly printed: string
  readonly exchanges: readonly { readonly request: string; readonly answer: Answer }[]
}

/** How the real client took one answer to one command. */
export interface TriedAnswer {
  readonly client: '10' | '12' | 'master'
  readonly command: string
  readonly code: number
  readonly printed: string
  /** What ended the client, where it crashed. */
  readonly crash: string
  readonly answer: Answer
}

export function captures(client: Capture['client']): readonly Capture[] {
  const runs = load(`stx${client}.0.json`) as readonly RecordedRun[]
  return runs.map(({ cmd, rc, stdout, exchanges }) => ({
    client,
    command: cmd,
    code: rc,
    printed: stdout,
    exchanges: exchanges.map(({ request, response }) => ({
      request: ofItsLength(request),
      answer: answerOf(response),
    })),
  }))
}

export function triedAnswers(): readonly TriedAnswer[] {
  const tried = load('error-bodies.json') as readonly RecordedTry[]
  return tried.map(({ status, body, rel, cmd, rc, out }) => {
    const [printed = '', crash = ''] = out.split('|ERR|')
    const client = rel.replace(/^stx(\d+)\.0$/, '$1') as TriedAnswer['client']
    return { client, command: cmd, code: rc, printed, crash, answer: { status, body } }
  })
}

/** The bytes as they were sent, but for where they go: another host, another token, a prefix before the path. */
export function redirected(request: string, { host, token, prefix = '' }: Redirection): string {
  return request
    .replace(/^([A-Z]+ )/, `$1${prefix}`)
    .replace(/^(host: ).*$/im, `$1${host}`)
    .replace(/^(x-auth-token: ).*$/im, `$1${token}`)
}

export interface Redirection {
  readonly host: string
  readonly token: string
  readonly prefix?: string
}

interface RecordedRun {
  readonly cmd: string
  readonly rc: number
  readonly stdout: string
  readonly exchanges: readonly { readonly request: string; readonly response: string }[]
}

interface RecordedTry {
  readonly status: number
  readonly body: string
  readonly rel: string
  readonly cmd: string
  readonly rc: number
  readonly out: string
}

/** The paths of uploaded files were rewritten after they were recorded, the length of their bodies was not. */
function ofItsLength(request: string): string {
  const length = Buffer.byteLength(request.slice(request.indexOf('\r\n\r\n') + 4))
  return request.replace(/^(content-length: ).*$/im, `$1${length}`)
}

function load(file: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/cli', file), 'utf8'))
}

function answerOf(response: string): Answer {
  const end = response.indexOf('\r\n\r\n')
  return { status: Number(response.split(' ')[1]), body: response.slice(end + 4) }
}
