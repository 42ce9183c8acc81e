/** One server-sent event. */
export interface Told {
  readonly id: string
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A stream of events, read one by one. */
export interface EventReader {
  /** The next event; undefined at the end of the stream. */
  next(): Promise<Told | undefined>
  /** The next that is of this type; throws where the stream ends before. */
  until(event: string): Promise<Told>
  leave(): Promise<void>
}

/** Reads a stream as the standard has it: blocks of lines that end with an empty one. */
export function readEvents(stream: ReadableStream<Uint8Array>): EventReader {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  const next = async (): Promise<Told | undefined> => {
    for (;;) {
      const end = rest.indexOf('\n\n')
      if (end !== -1) {
        const block = rest.slice(0, end)
        rest = rest.slice(end + 2)
        return parse(block)
      }
      const { value, done } = await reader.read()
      if (done) {
        if (rest !== '') throw new Error(`the stream ends amid an event: ${rest}`)
        return undefined
      }
      rest += decoder.decode(value, { stream: true })
    }
  }
  return {
    next,
    async until(event) {
      for (;;) {
        const told = await next()
        if (told === undefined) throw new Error(`the stream ended before any "${event}"`)
        if (told.event === event) return told
      }
    },
    leave: () => reader.cancel(),
  }
}

function parse(block: string): Told {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => {
      const [, name = '', value = ''] = /^([a-z]+): ?(.*)$/.exec(line) ?? []
      return [name, value]
    }),
  ) as Readonly<Record<string, string>>
  const { id = '', event = '', data = 'null' } = fields
  return { id, event, data: JSON.parse(data) as Told['data'] }
}
