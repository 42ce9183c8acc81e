import { Dicer } from '@fastify/busboy'
import { badUpload } from './upload-names.ts'

/** A part's header: names in lower case, each with all of its values. */
export type PartHeader = Readonly<Record<string, readonly string[] | undefined>>

/** Takes one part; it has to read `data` to the end, or throw. */
export type UsePart = (header: PartHeader, data: AsyncIterable<Buffer>) => Promise<void>

/**
 * Reads multipart/form-data part by part, no faster than `use` takes it. Throws what `use` throws, what `pieces` throws,
 * and a `Problem` where the body is malformed or cut off. The library's own form parser passes silently over parts that
 * it can't read; its inner parser, used here, shows them.
 */
export async function readParts(
  pieces: AsyncIterable<Buffer>,
  boundary: string,
  use: UsePart,
): Promise<void> {
  const dicer = new Dicer({ boundary, maxHeaderPairs: 32 })
  const parts: Dicer.PartStream[] = []
  const work: Promise<void>[] = []
  let finished = false
  let failure: { readonly error: unknown } | undefined
  let wake = (): void => undefined

  const fail = (error: unknown): void => {
    failure ??= { error }
    wake()
  }
  dicer.on('part', (part) => {
    parts.push(part)
    // What is wrong with a part the parser tells as well.
    part.on('error', () => undefined)
    part.once('header', (header) => {
      work.push(use(header as PartHeader, part).catch(fail))
    })
  })
  dicer.on('error', () => fail(badUpload('the multipart body is malformed, or ends midway')))
  dicer.on('finish', () => {
    finished = true
    wake()
  })
  dicer.on('drain', () => wake())
  const woken = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  const check = (): void => {
    if (failure !== undefined) throw failure.error
  }

  try {
    for await (const piece of pieces) {
      check()
      // What follows the last boundary is nobody's.
      if (!finished && !dicer.write(piece)) await woken()
      check()
    }
    dicer.end()
    if (!finished && failure === undefined) await woken()
    check()
    await Promise.all(work)
    check()
    if (work.length !== parts.length) throw badUpload('a part has no header that can be read')
  } catch (error) {
    for (const part of parts) part.destroy()
    await Promise.all(work)
    throw error
  }
}
