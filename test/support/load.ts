import { callRaw, type RawCaller, type WireAnswer } from './raw-caller.ts'

/** One request of a loaded gateway, and what its caller got. */
export interface Call {
  /** In its X-Request-Id: regions and the audit log have it too. */
  readonly id: string
  readonly is: 'read' | 'write'
  /** undefined: the connection ended before a byte of it. */
  answer: WireAnswer | undefined
  /** Its caller went away without waiting for it. */
  left?: boolean
}

export interface Wishes {
  readonly headers?: readonly string[]
  readonly body?: string
  /** Bytes that are announced and not sent yet. */
  readonly rest?: string
  readonly version?: '1.0' | '1.1'
}

/** Callers of every sort, and all that became of their requests. */
export interface Load {
  readonly calls: readonly Call[]
  /** One request on a connection of its own, under way until the caller is told. */
  stand(method: string, path: string, wishes?: Wishes): Promise<Standing>
  /** One request after the other on a connection as long as that lasts, then on a new one. */
  keepAlive(method: string, path: string): void
  /** Several requests at once on each connection, again and again. */
  pipelined(each: readonly (readonly [method: string, path: string])[]): void
  /** HTTP/1.0: a connection for each request. */
  old(method: string, path: string): void
  /** From now on nobody begins anything; resolves once each caller has its answer. */
  rest(): Promise<void>
  /** Resolves once nobody takes connections any more, and each caller has its answer. */
  refused(): Promise<void>
}

export interface Standing {
  readonly call: Call
  readonly caller: RawCaller
  /** Once its answer is there, or its connection has ended. */
  readonly answered: Promise<WireAnswer | undefined>
}

export function createLoad(url: string, token: string, ca?: string): Load {
  const calls: Call[] = []
  const loops: Promise<void>[] = []
  const standing: Promise<unknown>[] = []
  const resting = new AbortController()

  function begin(method: string, path: string, wishes: Wishes = {}): { call: Call; bytes: string } {
    const { headers = [], body = '', rest = '', version = '1.1' } = wishes
    const call: Call = {
      id: `call-${calls.length}`,
      is: method === 'GET' ? 'read' : 'write',
      answer: undefined,
    }
    calls.push(call)
    const length = body.length + rest.length
    const lines = [
      `${method} ${path} HTTP/${version}`,
      'Host: gateway',
      `X-Auth-Token: ${token}`,
      `X-Request-Id: ${call.id}`,
      ...(method === 'GET' ? [] : [`Content-Length: ${length}`]),
      ...headers,
    ]
    return { call, bytes: `${lines.join('\r\n')}\r\n\r\n${body}` }
  }

  /** As long as connections are taken; one that breaks off while it is made is no end. */
  function again(use: (caller: RawCaller) => Promise<void>): void {
    const loop = async (): Promise<void> => {
      while (!resting.signal.aborted) {
        try {
          const caller = await callRaw(url, ca)
          await use(caller)
          caller.leave()
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException
          if (code === 'ECONNREFUSED') return
          if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error
        }
      }
    }
    loops.push(loop())
  }

  async function inTurn(caller: RawCaller, together: readonly (readonly [string, string])[]): Promise<void> {
    for (let last = false; !last && !resting.signal.aborted;) {
      const begun = together.map(([method, path]) => begin(method, path))
      caller.write(begun.map(({ bytes }) => bytes).join(''))
      for (const { call } of begun) {
        call.answer = await caller.answer()
        if (call.answer === undefined || call.answer.headers.get('connection') === 'close') last = true
      }
    }
  }

  return {
    calls,
    async stand(method, path, wishes) {
      const caller = await callRaw(url, ca)
      const { call, bytes } = begin(method, path, wishes)
      caller.write(bytes)
      const answered = caller.answer().then((answer) => (call.answer = answer))
      standing.push(answered)
      return { call, caller, answered }
    },
    keepAlive: (method, path) => again((caller) => inTurn(caller, [[method, path]])),
    pipelined: (each) => again((caller) => inTurn(caller, each)),
    old: (method, path) =>
      again(async (caller) => {
        const { call, bytes } = begin(method, path, { version: '1.0' })
        caller.write(bytes)
        call.answer = await caller.answer()
      }),
    async rest() {
      resting.abort()
      await Promise.all(loops)
    },
    async refused() {
      await Promise.all([...loops, ...standing])
    },
  }
}
