import { gunzipSync } from 'node:zlib'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
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

test("gzip's own program and Python read it, checksum and length included", async () => {
  execFileSync(join(import.meta.dirname, '../setup/debian.sh'), ['gzip', 'python3'])
  const plain = [
    Buffer.from('['),
    Buffer.alloc(100_000, '{"a":1},'),
    Buffer.from(','),
    Buffer.alloc(70_000, 'xyz'),
    Buffer.from(']'),
  ]
  const member = Buffer.concat(await gzip(plain))
  const whole = Buffer.concat(plain)
  expect(execFileSync('gzip', ['-dc'], { input: member }).equals(whole)).toBe(true)
  const python = 'import sys,gzip;sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))'
  expect(execFileSync('/usr/bin/python3', ['-c', python], { input: member }).equals(whole)).toBe(true)
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
