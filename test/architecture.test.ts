import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { breachesOf, importsOf } from './support/fleet-imports.ts'

const root = join(import.meta.dirname, '..')
const paths = globSync('src/**/*.ts', { cwd: root }).sort()

describe('the source', () => {
  test('is there', () => {
    expect(paths.length).toBeGreaterThan(30)
  })

  test.each(paths)('%s keeps to the rules', (path) => {
    expect(breachesOf({ path, text: readFileSync(join(root, path), 'utf8') })).toEqual([])
  })
})

describe('the rules find', () => {
  test.each<[string, string, string, string]>([
    ['an import from a later stage', 'src/model/region.ts', '../fleet/lay.ts', 'src/fleet/lay.ts'],
    [
      'that fleet knows how regions are asked',
      'src/fleet/gather.ts',
      '../upstream/ask.ts',
      'src/upstream/ask.ts',
    ],
    ['that the face goes past fleet', 'src/api/read.ts', '../upstream/ask.ts', 'src/upstream/ask.ts'],
    [
      'that the face reads the configuration',
      'src/api/read.ts',
      '../config/schema.ts',
      'src/config/schema.ts',
    ],
    ['that a stage knows its place', 'src/metrics/fleet.ts', '../start.ts', 'src/start.ts'],
    [
      'that source imports tests',
      'src/fleet/lay.ts',
      '../../test/support/fleet-clock.ts',
      'test/support/fleet-clock.ts',
    ],
    [
      'that the simulator shares our code',
      'src/simulator/main.ts',
      '../model/calls.ts',
      'src/model/calls.ts',
    ],
    [
      'that the demo shares code with the simulator',
      'src/demo/main.ts',
      '../simulator/fleet.ts',
      'src/simulator/fleet.ts',
    ],
    ['a second door to undici', 'src/api/read.ts', 'undici', 'undici'],
    ['a second door to jose', 'src/api/caller.ts', 'jose', 'jose'],
    ['a second cache', 'src/fleet/lay.ts', 'lru-cache', 'lru-cache'],
    ['a second door to hono', 'src/metrics/fleet.ts', 'hono/utils/http-status', 'hono'],
    ['a second door to its server', 'src/start.ts', '@hono/node-server/serve-static', '@hono/node-server'],
    ['a second parser of forms', 'src/api/receive-upload.ts', '@fastify/busboy', '@fastify/busboy'],
    ['a second door to traces', 'src/api/base-app.ts', '@opentelemetry/api', '@opentelemetry/api'],
    ['a second logger', 'src/upstream/ask.ts', 'pino', 'pino'],
    ['flags read elsewhere', 'src/start.ts', 'commander', 'commander'],
  ])('%s', (_, path, name, target) => {
    const planted = [
      `import { x } from '${name}'\n`,
      `import type {\n  X,\n} from '${name}'\n`,
      `import '${name}'\n`,
      `export * from '${name}'\n`,
      `const x = await import('${name}')\n`,
    ]
    for (const text of planted) {
      expect(breachesOf({ path, text: `/** A comment. */\n${text}` })).toEqual([`${path} imports ${target}`])
    }
  })

  test('a library that nobody agreed on', () => {
    expect(breachesOf({ path: 'src/api/read.ts', text: `import _ from 'lodash'\n` })).toEqual([
      'src/api/read.ts imports lodash, which has no door',
    ])
  })

  test('a file that is too long, and a name that says nothing', () => {
    expect(breachesOf({ path: 'src/api/utils.ts', text: '\n'.repeat(221) })).toEqual([
      'src/api/utils.ts has 221 lines, more than 220',
      'src/api/utils.ts has a name that says nothing',
    ])
  })

  test('a folder that is no stage', () => {
    expect(breachesOf({ path: 'src/extra/a.ts', text: `import { b } from './b.ts'\n` })).toEqual([
      'src/extra/a.ts is in no stage',
    ])
  })
})

test('imports are found however they are written, and nothing else is', () => {
  const text = `
import { readFile } from 'node:fs/promises'
import yaml, { type Document } from "yaml"
import {
  a,
  b,
} from './a.ts'
export { c } from './c.ts'
const text = 'import { d } from d'
const quoted = { from: 'nowhere' }
const late = await import('./e.ts')
`
  expect(importsOf(text)).toEqual(['node:fs/promises', 'yaml', './a.ts', './c.ts', './e.ts'])
})
