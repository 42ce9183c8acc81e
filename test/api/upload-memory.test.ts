import { expect, test } from 'vitest'
import { passUploads } from '../../bench/upload.ts'

const MiB = 2 ** 20

test('an upload of 256 MB comes out as it went in, in constant memory', async () => {
  // The first one warms up: code, pools and buffers that are kept are no growth.
  const [, large] = await passUploads([16 * MiB, 256 * MiB])
  expect(large?.bytes).toBe(256 * MiB)
  expect(large?.received).toBe(large?.sent)
  expect((large?.peak ?? NaN) - (large?.before ?? NaN)).toBeLessThan(64 * MiB)
}, 120_000)
