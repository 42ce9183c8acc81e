import type { Details, Meta, Paths } from './api.ts'

/** Paths that give a list, page by page. */
export type ListPath = {
  [Path in keyof Paths]: Paths[Path]['answer'] extends { readonly items: readonly unknown[] } ? Path : never
}[keyof Paths]
export type ItemOf<Path extends ListPath> = Paths[Path]['answer'] extends {
  readonly items: readonly (infer Item)[]
}
  ? Item
  : never

/** What stands in a path for `{id}`. */
type Id<Path> = Path extends `${string}{id}${string}` ? { readonly id: string } : { readonly id?: never }
type Asked<Path extends keyof Paths> = Paths[Path]['query'] & Id<Path>

/** One of the fleet's changes. */
export interface FleetEvent {
  /** Where to go on after it. */
  readonly id: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The fleet's own API, typed. Every call throws `FleetError` where the gateway has no answer. */
export interface FleetClient {
  get<Path extends keyof Paths>(path: Path, asked: Asked<Path>): Promise<Paths[Path]['answer']>
  /** Every record of a list, over all its pages, which are of one snapshot. */
  all<Path extends ListPath>(path: Path, asked: Asked<Path>): AsyncGenerator<ItemOf<Path>, Meta>
  /** What changes from now on, or after the event with that id. Ends when the gateway ends it. */
  events(query?: Readonly<Record<string, string>>, after?: string): AsyncGenerator<FleetEvent, void>
}

/** An answer that is none, with the problem as the gateway tells it. */
export class FleetError extends Error {
  readonly status: number
  readonly problem: Partial<Details>
  constructor(status: number, problem: Partial<Details>) {
    super(problem.detail ?? `HTTP ${status}`)
    this.name = 'FleetError'
    this.status = status
    this.problem = problem
  }
}

export interface FleetClientOptions {
  /** Of the gateway, without a path. */
  readonly url: string | URL
  /** A token, or a function that gives the present one. */
  readonly token: string | (() => string | Promise<string>)
  readonly fetch?: typeof globalThis.fetch
}

export function createFleetClient({ url, token, fetch = globalThis.fetch }: FleetClientOptions): FleetClient {
  async function ask(
    path: string,
    query: URLSearchParams,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const bearer = typeof token === 'function' ? await token() : token
    const target = new URL(`/fleet/v1/${path}${query.size > 0 ? `?${query.toString()}` : ''}`, url)
    const answer = await fetch(target, { headers: { authorization: `Bearer ${bearer}`, ...headers } })
    if (answer.ok) return answer
    const problem = (await answer.json().catch(() => ({}))) as Partial<Details>
    throw new FleetError(answer.status, problem)
  }
  async function get<Path extends keyof Paths>(
    path: Path,
    asked: Asked<Path>,
  ): Promise<Paths[Path]['answer']> {
    const { id = '', ...query } = asked as { readonly id?: string } & Readonly<Record<string, unknown>>
    const full = path.replace('{id}', encodeURIComponent(id))
    const answer = await ask(full, queryOf(query), { accept: 'application/json' })
    return (await answer.json()) as Paths[Path]['answer']
  }

  return {
    get,
    async *all<Path extends ListPath>(path: Path, asked: Asked<Path>) {
      let next: string | null = null
      for (;;) {
        const question = next === null ? asked : { ...asked, page_token: next }
        const page = (await get(path, question)) as unknown as {
          readonly items: readonly ItemOf<Path>[]
          readonly next_page_token: string | null
          readonly meta: Meta
        }
        yield* page.items
        next = page.next_page_token
        if (next === null) return page.meta
      }
    },
    async *events(query = {}, after) {
      const headers = { accept: 'text/event-stream', ...(after !== undefined && { 'last-event-id': after }) }
      const { body } = await ask('events', new URLSearchParams(query), headers)
      if (body === null) return
      let rest = ''
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + text).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) yield eventOf(block)
      }
    },
  }
}

function queryOf(query: Readonly<Record<string, unknown>>): URLSearchParams {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, [value].flat().map(String).join(',')]],
  )
  return new URLSearchParams(pairs as [string, string][])
}

function eventOf(block: string): FleetEvent {
  const field = (name: string): string =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? ''
  return { id: field('id'), type: field('event'), data: JSON.parse(field('data')) as FleetEvent['data'] }
}
