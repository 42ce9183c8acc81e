import { expect, test } from 'vitest'
import { headersIn } from '../../src/tracing/headers.ts'

test('one header a line, comments and empty lines aside', () => {
  const text =
    '# of the tenant\r\nAuthorization: Bearer a b\r\n\n  # more\nX-Scope-OrgID:  fleet \nx-empty-not: :\n'
  expect(headersIn(text, 'headers')).toEqual({
    authorization: 'Bearer a b',
    'x-scope-orgid': 'fleet',
    'x-empty-not': ':',
  })
})

test.each([
  ['no colon', 'Bearer hush'],
  ['no value', 'authorization:'],
  ['a name with spaces', 'my header: hush'],
  ['another line in it', 'a: b\u2028hush: c'],
  ['a control character', 'a: hush\u0007'],
])('%s: the line is named, and not repeated', (_, line) => {
  expect(() => headersIn(`ok: 1\n${line}\n`, '/etc/headers')).toThrow(
    new Error('tracing.otlp.headers_file: /etc/headers:2: not a header: write "name: value"'),
  )
})
