import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readParts } from '../../src/api/read-parts.ts'
import { boundary, file, form } from './upload-setup.ts'

/** What a parser of forms stumbles over, if over anything. */
const crumb = fc.constantFrom(
  '\r',
  '\n',
  '-',
  '--',
  '\r\n',
  '\r\n--',
  `--${boundary}`,
  boundary.slice(0, -1),
  '\0',
  'x',
)
const content = fc
  .array(crumb, { maxLength: 12 })
  .map((crumbs) => crumbs.join(''))
  .filter((text) => !`\r\n${text}`.includes(`\r\n--${boundary}`))
const cuts = fc.array(fc.nat(400), { maxLength: 12 })

function* cut(body: Buffer, at: readonly number[]): Generator<Buffer> {
  const places = [...new Set([0, ...at.filter((place) => place < body.length), body.length])].sort(
    (a, b) => a - b,
  )
  for (const [i, place] of places.entries()) {
    const next = places[i + 1]
    if (next !== undefined) yield body.subarray(place, next)
  }
}

async function read(body: string, at: readonly number[]): Promise<string[]> {
  const texts: string[] = []
  async function* pieces(): AsyncGenerator<Buffer> {
    yield* cut(Buffer.from(body), at)
  }
  await readParts(pieces(), boundary, async (_, data) => {
    const mine = texts.push('') - 1
    for await (const piece of data) texts[mine] += piece.toString()
  })
  return texts
}

test('whatever files hold, and wherever their body is cut, they come out as they went in', async () => {
  const contents = fc.array(content, { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(contents, cuts, async (texts, at) => {
      const body = form(...texts.map((text, i) => [file(`${i}`), text] as const))
      expect(await read(body, at)).toEqual(texts)
    }),
    { numRuns: 500 },
  )
})

test('a body that ends early is never taken for a whole one', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 3, max: 200 }), cuts, async (text, missing, at) => {
      // Without its last line's end a body is still whole.
      const body = form([file('a'), text])
      await expect(read(body.slice(0, -missing), at)).rejects.toMatchObject({ status: 400 })
    }),
    { numRuns: 300 },
  )
})
