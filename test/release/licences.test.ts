import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { licencesDocument, licencesFile } from '../../.ci/release/licences.ts'
import { isShipped, readLock } from '../../.ci/release/lock.ts'

test('docs/third-party.md is what `npm run licences` writes', () => {
  expect(readFileSync(licencesFile, 'utf8')).toBe(licencesDocument())
})

test('what the gateway runs on may be passed on under Apache-2.0', () => {
  const shipped = Object.entries(readLock().packages).filter(isShipped)
  const licences = new Set(shipped.map(([, { license }]) => license))
  const permissive = /^(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0)$/
  expect([...licences].filter((each) => !permissive.test(each ?? ''))).toEqual([])
  expect(shipped.length).toBeGreaterThan(10)
})

test('a package without a licence, or under another name, is told as what it is', () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': { version: '1.0.0' },
      'node_modules/short': { version: '2.0.0', name: '@long/name', license: 'MIT' },
      'node_modules/a/node_modules/b': { version: '3.0.0', dev: true as const },
    },
  }
  const rows = licencesDocument(lock)
    .split('\n')
    .filter((line) => /^\| .*\d/.test(line))
  expect(rows).toEqual(['| @long/name | 2.0.0 | MIT |', '| b | 3.0.0 | unknown |'])
})
