import { answer, createRawRegion, type RawRegion } from './raw-region.ts'

export type Played = string | { readonly status: string; readonly body: string }

export interface PlayedService {
  readonly url: URL
  readonly port: number
  /** Answers by path. What is not here is answered with `otherwise`. */
  readonly answers: Map<string, Played>
  otherwise: Played
  /** Paths asked since the last call, in order; other methods than GET with their name. */
  asked(): string[]
  close(): Promise<void>
}

/** Answers of both services of one region, and how many requests were ever open at once. */
export interface PlayedRegion {
  service(answers: Readonly<Record<string, Played>>, port?: number): Promise<PlayedService>
  mostAtOnce(): number
  /** Answers are held back until the returned function is called. */
  hold(): () => void
  close(): Promise<void>
}

/** A region whose answers a test writes down: HTTP/1.0, a connection for each. */
export function createPlayedRegion(): PlayedRegion {
  const services: RawRegion[] = []
  let atOnce = 0
  let most = 0
  let held: (() => void)[] | undefined

  async function service(given: Readonly<Record<string, Played>>, port?: number): Promise<PlayedService> {
    const answers = new Map(Object.entries(given))
    const asked: string[] = []
    const raw = await createRawRegion(
      (socket, head) => {
        const [method = '', path = ''] = head.split(' ')
        asked.push(method === 'GET' ? path : `${method} ${path}`)
        most = Math.max(most, ++atOnce)
        const reply = (): void => {
          atOnce--
          const played = answers.get(path) ?? playing.otherwise
          const { status, body } = typeof played === 'string' ? { status: '200 OK', body: played } : played
          socket.end(answer(body, { status }))
        }
        if (held) held.push(reply)
        else reply()
      },
      { ...(port !== undefined && { port }) },
    )
    services.push(raw)
    const playing: PlayedService = {
      url: raw.url,
      port: raw.port,
      answers,
      otherwise: { status: '404 Not Found', body: '{"code": 404, "title": "Not Found", "description": ""}' },
      asked: () => asked.splice(0),
      close: () => raw.close(),
    }
    return playing
  }

  return {
    service,
    mostAtOnce: () => most,
    hold() {
      held = []
      return () => {
        const replies = held ?? []
        held = undefined
        for (const reply of replies) reply()
      }
    },
    close: async () => {
      await Promise.all(services.map((each) => each.close()))
    },
  }
}
