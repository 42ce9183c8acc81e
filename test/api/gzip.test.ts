import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acceptsGzip, gzip } from '../../src/api/gzip.ts'

const chunks = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 5_000 }),
    // Longer than a deflate block, and compressible.
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(20_000))
      .map(([unit, times]) => Buffer.alloc(times, unit)),
  ),
  { maxLength: 12 },
)

test('any chunks come back byte for byte, as one member with a right checksum', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, async (parts) => {
      const plain = parts.map((part) => Buffer.from(part))
      const member = Buffer.concat(await gzip(plain))
      expect(gunzipSync(member).equals(Buffer.concat(plain))).toBe(true)
    }),
    { seed: 11, numRuns: 200 },
  )
})

test('a chunk is compressed once: the second answer holds the same bytes', async () => {
  const piece = Buffer.alloc(10_000, 'release')
  const [, first] = await gzip([piece])
  const [, second] = await gzip([piece])
  expect(second).toBe(first)
})

test.each([
  ['gzip', true],
  ['gzip, deflate, br', true],
  ['br;q=1.0, GZIP;q=0.5', true],
  ['*', true],
  ['gzip;q=0, *', false],
  ['identity', false],
  ['', false],
  [undefined, false],
])('Accept-Encoding: %s', (header, accepted) => {
  expect(acceptsGzip(header)).toBe(accepted)
})
