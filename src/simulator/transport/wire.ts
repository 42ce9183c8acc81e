import { STATUS_CODES } from 'node:http'
import type { Answer } from '../answers/answer.ts'
import type { SimRequest } from '../answers/request.ts'

/** An answer as bytes to be: the head, and the body apart, since faults cut or slow the body. */
export interface Message {
  readonly head: string
  readonly body: Buffer
  readonly closes: boolean
}

const server = 'WSGIServer/0.2 CPython/3.9.2'

/** HTTP/1.0 as wsgiref writes it; the connection closes after it. */
export function directMessage(answer: Answer, now: number): Message {
  return toMessage(
    'HTTP/1.0',
    answer,
    [
      ['Date', httpDate(now)],
      ['Server', server],
    ],
    [],
    true,
  )
}

/** The same answer relayed by HAProxy: names in lower case, kept open when the client wants it so. */
export function relayedMessage(answer: Answer, now: number, keepAlive: boolean): Message {
  const lower = {
    ...answer,
    headers: answer.headers.map(([name, value]) => [name.toLowerCase(), value] as const),
  }
  const last: Answer['headers'] = keepAlive ? [['connection', 'keep-alive']] : []
  return toMessage(
    'HTTP/1.0',
    lower,
    [
      ['date', httpDate(now)],
      ['server', server],
    ],
    last,
    !keepAlive,
  )
}

/** HAProxy's own error page (recordings haproxy-503-service-down, haproxy-504-slow-precheck). */
export function frontMessage(status: 503 | 504): Message {
  const [title, text] = {
    503: ['503 Service Unavailable', 'No server is available to handle this request.'],
    504: ['504 Gateway Time-out', "The server didn't respond in time."],
  }[status] as [string, string]
  const body = `<html><body><h1>${title}</h1>\n${text}\n</body></html>\n`
  const headers: Answer['headers'] = [
    ['content-length', ''],
    ['cache-control', 'no-cache'],
    ['content-type', 'text/html'],
    ['connection', 'close'],
  ]
  return toMessage('HTTP/1.1', { status, headers, body }, [], [], true)
}

/** An answer to HEAD ends with its head. */
export function forMethod(request: SimRequest, answer: Answer, message: Message): Message {
  return request.method === 'HEAD' && !answer.bodyToHead ? { ...message, body: Buffer.alloc(0) } : message
}

/** Whether a front keeps the connection after this request. */
export function wantsKeepAlive(request: SimRequest): boolean {
  // What follows it on the connection isn't read.
  if (request.headers['transfer-encoding'] !== undefined) return false
  const connection = request.headers['connection']?.toLowerCase()
  return request.version === 'HTTP/1.1' ? connection !== 'close' : connection === 'keep-alive'
}

function toMessage(
  version: string,
  answer: Answer,
  first: Answer['headers'],
  last: Answer['headers'],
  closes: boolean,
): Message {
  const body = Buffer.from(answer.body)
  const lines = [...first, ...answer.headers, ...last].map(([name, value]) =>
    name.toLowerCase() === 'content-length' && value === '' ? `${name}: ${body.length}` : `${name}: ${value}`,
  )
  const reason = STATUS_CODES[answer.status] ?? 'Unknown'
  return { head: [`${version} ${answer.status} ${reason}`, ...lines, '', ''].join('\r\n'), body, closes }
}

let lastDate = { second: 0, text: '' }

function httpDate(now: number): string {
  const second = Math.floor(now / 1000)
  if (lastDate.second !== second) lastDate = { second, text: new Date(now).toUTCString() }
  return lastDate.text
}
