import { pythonJson } from './pythonJson.ts'

/** What a service says to one request, before it is written in HTTP/1.0. */
export interface Answer {
  readonly status: number
  /** Beside Date and Server, in the order of the wire; Content-Length is written where its value is ''. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** The body before it was written, where it is JSON: faults may change it. */
  readonly json?: unknown
  /** The daemon exits after this answer, as Patching does on every uncaught exception. */
  readonly crashes?: boolean
  /** Its body is sent even where HEAD was asked: wsgiref's last resort knows no methods. */
  readonly bodyToHead?: boolean
}

const json = 'application/json'
const html = 'text/html; charset=UTF-8'

/** A handler's own answer; pecan writes Content-Length before Content-Type. */
export function jsonAnswer(value: unknown, status = 200): Answer {
  return pecanAnswer(status, json, pythonJson(value), { json: value })
}

/** USM's error hook: JSON under the name of HTML, and Content-Type comes first (deploy-show-query-bad). */
export function hookAnswer(status: number, error: string, info = ''): Answer {
  const value = { info, warning: '', error }
  return { status, headers: [['Content-Type', html], contentLength], body: pythonJson(value), json: value }
}

/** wsgiref's last resort. */
export function serverErrorAnswer(crashes = false): Answer {
  return {
    status: 500,
    headers: [['Content-Type', 'text/plain'], contentLength],
    body: 'A server error occurred.  Please contact the administrator.',
    crashes,
    bodyToHead: true,
  }
}

/** keystonemiddleware's refusal (recording auth-notoken). */
export function unauthorizedAnswer(keystone: string): Answer {
  const message = 'The request you have made requires authentication.'
  const value = { error: { code: 401, title: 'Unauthorized', message } }
  return {
    status: 401,
    headers: [['Content-Type', json], contentLength, ['WWW-Authenticate', `Keystone uri="${keystone}"`]],
    body: pythonJson(value),
    json: value,
  }
}

/** keystonemiddleware's answer when Keystone is down (recording auth-keystone-down). */
export function keystoneDownAnswer(): Answer {
  const message =
    'The server is currently unavailable. Please try again at a later time.<br /><br />\n' +
    'The Keystone service is temporarily unavailable.\n\n'
  const value = { message, code: '503 Service Unavailable', title: 'Service Unavailable' }
  return pecanAnswer(503, json, pythonJson(value), { json: value })
}

/** An OIDC refusal: 200, compact JSON, Content-Type first (recording auth-oidc-bad). */
export function errorOnlyAnswer(error: string): Answer {
  const value = { error }
  return {
    status: 200,
    headers: [['Content-Type', json], contentLength],
    body: JSON.stringify(value),
    json: value,
  }
}

/** Any text with a type of its own. */
export function textAnswer(
  status: number,
  type: string,
  body: string,
  first: Answer['headers'] = [],
): Answer {
  return { status, headers: [...first, contentLength, ['Content-Type', type]], body }
}

/** What a fault replaces as a whole. */
export const emptyAnswer: Answer = { status: 200, headers: [], body: '' }

function pecanAnswer(status: number, type: string, body: string, rest: Partial<Answer>): Answer {
  return { status, headers: [contentLength, ['Content-Type', type]], body, ...rest }
}

const contentLength = ['Content-Length', ''] as const
