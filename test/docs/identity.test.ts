import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'

// What docs/identity.md gives as an example of a configuration is one.

const text = readFileSync(join(import.meta.dirname, '../../docs/identity.md'), 'utf8')
const examples = [...text.matchAll(/```yaml\n(auth:[^]*?)```/g)].map(([, yaml]) => yaml ?? '')

test('there is one for each provider', () => {
  expect(examples).toHaveLength(3)
})

test.each(examples)('%s', (yaml) => {
  const { auth } = parseConfig(yaml, 'fleet.yaml', {})
  expect(auth.issuers.length + (auth.keystone === undefined ? 0 : 1)).toBe(1)
})
