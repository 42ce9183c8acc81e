import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { openApi } from '../../src/api/openapi/document.ts'
import { readCalls } from '../../src/model/calls.ts'
import { regionCalls } from '../../src/model/region-calls.ts'
import { createTestGateway } from '../support/fleet-gateway.ts'

const document = openApi('0.0.0')
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

test('is a valid document of OpenAPI 3.1', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(validator.version).toBe('3.1')
})

test('names each operation once, and no parameter twice', () => {
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, method, operation } of operations) {
    const names = (operation.parameters ?? []).map((each) =>
      '$ref' in each ? each.$ref.split('/').at(-1) : each.name,
    )
    expect([path, method, names]).toEqual([path, method, [...new Set(names)]])
  }
})

test('every reference in it leads somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref)
  expect(refs.length).toBeGreaterThan(100)
  for (const ref of new Set(refs)) {
    const found = ref
      .split('/')
      .slice(1)
      .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>> | undefined)?.[key], document)
    expect([ref, found]).not.toEqual([ref, undefined])
  }
})

describe('has every row of the tables of calls', () => {
  test.each(readCalls.flatMap(({ paths }) => paths))('GET %s', (path) => {
    expect(document.paths[path]).toHaveProperty('get')
  })
  const rows = regionCalls.flatMap(({ methods, paths }) =>
    paths.flatMap((path) =>
      methods.map((method) => [method, path.replace('/{flags}', '').replace('{ids}', '{id}')] as const),
    ),
  )
  test.each([...new Map(rows.map((row) => [row.join(' '), row])).values()])(
    '%s /regions/{region}%s',
    (method, path) => {
      expect(document.paths[`/regions/{region}${path}`]).toHaveProperty(method.toLowerCase())
    },
  )
})

test('every path of it is one of the gateway’s', async () => {
  const gateway = createTestGateway([], () => ({ lacks: '' }))
  for (const { path, method } of operations) {
    if (path === '/docs' || path === '/openapi.json') continue
    const asked = path.replaceAll(/\{\w+\}/g, 'x1')
    const answer = await gateway.get(asked, { as: 'configurator', method: method.toUpperCase() })
    const body = method === 'get' && asked === '/fleet/v1/events' ? '' : await answer.text()
    expect([asked, method, body]).not.toEqual([
      asked,
      method,
      expect.stringContaining('/problems/method-not-allowed'),
    ])
    expect(body, `${method} ${asked}`).not.toContain('this gateway has no')
    await answer.body?.cancel().catch(() => undefined)
  }
})
