import { describe, expect, test } from 'vitest'
import { issuers, mistakesOf, parse } from './parse.ts'

const otlp = '{ url: "http://collector:4318/v1/traces" }'

test('traces: nobody is told unless a collector is named; then of all, unless told otherwise', () => {
  expect(parse(issuers).tracing).toBeUndefined()
  expect(parse(`${issuers}tracing: { otlp: ${otlp} }`).tracing).toEqual({
    otlp: { url: new URL('http://collector:4318/v1/traces'), timeout: 10_000 },
    sample: 1,
    max_spans: 10_000,
  })
  const all = `tracing: { otlp: { url: "https://c/otlp/v1/traces", headers_file: headers, ca_file: /etc/ca.pem, timeout: 3s }, sample: 0.1, max_spans: 50000 }`
  expect(parse(`${issuers}${all}`).tracing).toEqual({
    otlp: {
      url: new URL('https://c/otlp/v1/traces'),
      headers_file: expect.stringMatching(/^\/.*\/headers$/) as string,
      ca_file: '/etc/ca.pem',
      timeout: 3_000,
    },
    sample: 0.1,
    max_spans: 50_000,
  })
})

describe('mistakes', () => {
  test.each([
    ['{}', 'tracing.otlp: is missing'],
    ['{ otlp: {} }', 'tracing.otlp.url: is missing'],
    ['{ otlp: { url: "collector:4318" } }', 'tracing.otlp.url: not an http or https URL'],
    ['{ otlp: { url: "grpc://c:4317/v1/traces" } }', 'tracing.otlp.url: not an http or https URL'],
    [
      '{ otlp: { url: "http://c/v1/traces?key=hush" } }',
      'tracing.otlp.url: a base URL has no query and no fragment',
    ],
    ['{ otlp: { url: "http://u:hush@c/v1/traces" } }', 'tracing.otlp.url: a URL must not hold credentials'],
    [
      '{ otlp: { url: "http://collector:4318" } }',
      'tracing.otlp.url: write the whole URL with its path, as http://collector:4318/v1/traces',
    ],
    [`{ otlp: { url: "http://c/t", timeout: 0s } }`, 'tracing.otlp.timeout: must be more than 0'],
    [`{ otlp: { url: "http://c/t", headers: { a: b } } }`, 'tracing.otlp.headers: unknown key'],
    [`{ otlp: ${otlp}, sample: 10 }`, 'tracing.sample: Too big: expected number to be <=1'],
    [`{ otlp: ${otlp}, sample: -0.1 }`, 'tracing.sample: Too small: expected number to be >=0'],
    [`{ otlp: ${otlp}, max_spans: 10 }`, 'tracing.max_spans: Too small: expected number to be >=512'],
    [
      `{ otlp: ${otlp}, max_spans: 1000.5 }`,
      'tracing.max_spans: Invalid input: expected int, received number',
    ],
    [`{ sample: 0.5 }`, 'tracing.otlp: is missing'],
    [`true`, 'tracing: Invalid input: expected object, received boolean'],
  ])('tracing: %s', (written, mistake) => {
    const mistakes = mistakesOf(`${issuers}tracing: ${written}\n`)
    expect(mistakes.map((each) => each.replace(/^\d+:\d+ /, ''))).toEqual([mistake])
    expect(mistakes.join()).not.toContain('hush')
  })
})
