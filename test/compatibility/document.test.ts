import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { regionCalls } from '../../src/model/region-calls.ts'
import { columns } from './cells.ts'
import { compatibilityDocument, documentFile, rewrite } from './document.ts'
import { documentedCalls } from './documented.ts'
import { lines } from './lines.ts'
import { dialectNames } from '../../src/upstream/dialect.ts'

test('the document is what the tables say', async () => {
  const written = await readFile(documentFile, 'utf8')
  expect(written, `docs/compatibility.md is out of date: ${rewrite}`).toBe(await compatibilityDocument())
})

test('it has every row of the table of calls, and every documented call', () => {
  const told = new Set(lines.map(({ call }) => call))
  expect(regionCalls.filter((call) => !told.has(call))).toEqual([])
  for (const service of ['usm', 'patching'] as const) {
    const documented = lines.filter((line) => line.service === service && line.documented)
    expect(documented.map(({ words }) => words)).toEqual(documentedCalls[service])
  }
})

test('it has a column for every dialect', () => {
  const told = Object.values(columns).flatMap((own) => own.map(({ dialect }) => dialect))
  expect(told.toSorted()).toEqual(dialectNames.toSorted())
})
