/** An answer as a client gets it, decoded. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/** What a client makes of an answer. */
export type Reading =
  | { readonly ok: true }
  /** It fails with these words; `broken` where it cannot even say so: it crashes, or prints nothing. */
  | { readonly ok: false; readonly broken: boolean; readonly why: string }

export type Read = (answer: Answer) => Reading

/** One command of a real client: the request as it sends it, and how it reads the answer. */
export interface ClientCall {
  /** Such as `software 12` or `VIM master`. */
  readonly client: string
  /** As it is typed, or the name of the function. */
  readonly command: string
  readonly request: ClientRequest
  readonly read: Read
  /** Why the client would fail on this answer; undefined: it does what it was asked. */
  readonly rule: (answer: Answer) => string | undefined
}

export interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** After the prefix under which the API is served: `/v1/…` or `/patch/…`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Empty: none, and none announced but for a `Content-Length: 0` among the headers. */
  readonly body: string
}

export const done: Reading = { ok: true }
export const fails = (why: string): Reading => ({ ok: false, broken: false, why })
export const breaks = (why: string): Reading => ({ ok: false, broken: true, why })

export function clientCall(client: string, command: string, request: ClientRequest, read: Read): ClientCall {
  return {
    client,
    command,
    request,
    read,
    rule(answer) {
      const reading = read(answer)
      return reading.ok ? undefined : reading.why
    },
  }
}

/** The request as bytes; `prefix` comes before its path. */
export function toWire({ method, path, headers, body }: ClientRequest, host: string, prefix = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return [`${method} ${prefix}${path} HTTP/1.1`, `Host: ${host}`, ...lines, ...length, '', body].join('\r\n')
}

/** Undefined where it is not JSON. */
export function parsed(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}

/** Takes `POST /v1/deploy/abort` apart. */
export function methodAndPath(at: string): Pick<ClientRequest, 'method' | 'path'> {
  const [method, path] = at.split(' ') as [ClientRequest['method'], string]
  return { method, path }
}
