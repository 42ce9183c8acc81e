import { expect, test } from 'vitest'
import type { HttpAnswer } from '../../src/upstream/http.ts'
import { successfulJson } from '../../src/upstream/success.ts'
import { failureOf } from './failure-of.ts'

const answer = (status: number, body: string): HttpAnswer => ({
  status,
  header: (name) => (name === 'content-type' ? 'text/html; charset=UTF-8' : ''),
  body: Buffer.from(body),
})

const judge = (status: number, body: string): Promise<unknown> =>
  new Promise((resolve) => resolve(successfulJson(answer(status, body), 'GET /v1/x')))

interface Case {
  readonly name: string
  readonly status: number
  readonly body: string
}

const successes: readonly (Case & { readonly value: unknown })[] = [
  { name: 'an array', status: 200, body: '[]', value: [] },
  { name: 'null', status: 200, body: 'null', value: null },
  { name: 'a boolean', status: 200, body: 'true', value: true },
  { name: 'an object without error', status: 200, body: '{"in_sync": true}', value: { in_sync: true } },
  {
    name: 'an empty error beside an info',
    status: 200,
    body: '{"info": "nothing to do", "warning": "", "error": ""}',
    value: { info: 'nothing to do', warning: '', error: '' },
  },
  { name: 'an error that is null', status: 200, body: '{"error": null}', value: { error: null } },
  {
    name: 'show of an unknown patch: empty maps beside the error',
    status: 200,
    body: '{"metadata": {}, "contents": {}, "error": "NOPE is unrecognized\\n"}',
    value: { metadata: {}, contents: {}, error: 'NOPE is unrecognized\n' },
  },
  { name: 'an error within a record', status: 200, body: '[{"error": "x"}]', value: [{ error: 'x' }] },
  { name: 'letters beyond ASCII', status: 200, body: '["é\\u00e9"]', value: ['éé'] },
]

test.each(successes)('$status with $name is a success', async ({ status, body, value }) => {
  expect(await judge(status, body)).toEqual(value)
})

const failures: readonly (Case & { readonly kind: string; readonly message: string })[] = [
  {
    name: 'a 404 of stx 12, JSON labelled text/html',
    status: 404,
    body: '{"info": "", "warning": "", "error": "Release starlingx-26.03.99 not found"}',
    kind: 'rejected',
    message: 'GET /v1/x: HTTP 404: Release starlingx-26.03.99 not found',
  },
  {
    name: 'a 404 of stx 10',
    status: 404,
    body: '{"code": 404, "title": "Not Found", "description": "Release starlingx-24.09.99 not found"}',
    kind: 'rejected',
    message: 'GET /v1/x: HTTP 404: Release starlingx-24.09.99 not found',
  },
  {
    name: 'a 404 of stx 10 with nothing to say but its title',
    status: 404,
    body: '{"code": 404, "title": "Not Found", "description": ""}',
    kind: 'rejected',
    message: 'GET /v1/x: HTTP 404: Not Found',
  },
  {
    name: 'a 404 in HTML',
    status: 404,
    body: '<html><head><title>404 Not Found</title></head></html>',
    kind: 'rejected',
    message: 'GET /v1/x: HTTP 404',
  },
  {
    name: 'a deployment whose release is missing',
    status: 406,
    body: '{"info": "", "warning": "", "error": "Software release version corresponding to the specified release None does not exist. Try deleting and re-uploading the software for recovery."}',
    kind: 'rejected',
    message:
      'GET /v1/x: HTTP 406: Software release version corresponding to the specified release None does not exist. Try deleting and re-uploading the software for recovery.',
  },
  {
    name: 'a reason in info, the error empty',
    status: 406,
    body: '{"info": "Complete not allowed because there are hosts not in deployed state.", "warning": "", "error": ""}',
    kind: 'rejected',
    message: 'GET /v1/x: HTTP 406: Complete not allowed because there are hosts not in deployed state.',
  },
  {
    name: 'a reason in warning before one in info',
    status: 406,
    body: '{"info": "i", "warning": "w", "error": ""}',
    kind: 'rejected',
    message: 'GET /v1/x: HTTP 406: w',
  },
  {
    name: 'keystonemiddleware’s 401, its error an object',
    status: 401,
    body: '{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}',
    kind: 'unauthorized',
    message: 'GET /v1/x: HTTP 401: The request you have made requires authentication.',
  },
  {
    name: 'a 403 of stx 10 and Patching, its description null',
    status: 403,
    body: '{"code": 403, "title": "Forbidden", "description": null}',
    kind: 'unauthorized',
    message: 'GET /v1/x: HTTP 403: the account lacks a role there (USM of stx 10 wants admin even to read)',
  },
  {
    name: 'a 403 of stx 12',
    status: 403,
    body: '{"info": "", "warning": "", "error": "Not allowed, role reader or operator is needed"}',
    kind: 'unauthorized',
    message: 'GET /v1/x: HTTP 403: Not allowed, role reader or operator is needed',
  },
  {
    name: 'a bad OIDC token, where a list is expected',
    status: 200,
    body: '{"error":"OIDC authentication: Failed to validate OIDC token (stub)."}',
    kind: 'rejected',
    message: 'GET /v1/x: OIDC authentication: Failed to validate OIDC token (stub).',
  },
  {
    name: 'Patching’s error alone',
    status: 200,
    body: '{"error": "Rejected: One or more nodes are installing patches."}',
    kind: 'rejected',
    message: 'GET /v1/x: Rejected: One or more nodes are installing patches.',
  },
  {
    name: 'Patching’s 500 in a 200',
    status: 200,
    body: '{"status": 500, "error": "The patch is needed"}',
    kind: 'rejected',
    message: 'GET /v1/x: The patch is needed',
  },
  {
    name: 'an error that is an object',
    status: 200,
    body: '{"error": {"code": 401, "title": "Unauthorized"}}',
    kind: 'rejected',
    message: 'GET /v1/x: Unauthorized',
  },
  {
    name: 'an error object that says nothing',
    status: 200,
    body: '{"error": {"message": "", "title": ""}}',
    kind: 'rejected',
    message: 'GET /v1/x: error',
  },
  {
    name: 'an error that is an empty object',
    status: 200,
    body: '{"error": {}}',
    kind: 'rejected',
    message: 'GET /v1/x: error',
  },
  {
    name: 'an error of whitespace only',
    status: 200,
    body: '{"error": " \\n"}',
    kind: 'rejected',
    message: 'GET /v1/x: error',
  },
  {
    name: 'an error that is a list',
    status: 200,
    body: '{"error": ["a", "b"]}',
    kind: 'rejected',
    message: 'GET /v1/x: ["a","b"]',
  },
  {
    name: 'an error that is true',
    status: 200,
    body: '{"error": true}',
    kind: 'rejected',
    message: 'GET /v1/x: true',
  },
  {
    name: 'an internal error of USM',
    status: 500,
    body: '{"info": "", "warning": "", "error": "Internal error occurred. Error signature [94c21d4c]"}',
    kind: 'broken',
    message: 'GET /v1/x: HTTP 500: Internal error occurred. Error signature [94c21d4c]',
  },
  {
    name: 'an internal error of Patching',
    status: 500,
    body: 'A server error occurred.  Please contact the administrator.',
    kind: 'broken',
    message: 'GET /v1/x: HTTP 500',
  },
  {
    name: 'HAProxy’s page',
    status: 503,
    body: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
    kind: 'broken',
    message: 'GET /v1/x: HTTP 503',
  },
  {
    name: 'Keystone down, told over several lines',
    status: 503,
    body: '{"message": "The server is currently unavailable. Please try again at a later time.<br /><br />\\nThe Keystone service is temporarily unavailable.\\n\\n", "code": "503 Service Unavailable", "title": "Service Unavailable"}',
    kind: 'broken',
    message:
      'GET /v1/x: HTTP 503: The server is currently unavailable. Please try again at a later time.<br /><br /> The Keystone service is temporarily unavailable.',
  },
  { name: 'a redirect', status: 302, body: '<html></html>', kind: 'broken', message: 'GET /v1/x: HTTP 302' },
  { name: 'not modified', status: 304, body: '', kind: 'broken', message: 'GET /v1/x: HTTP 304' },
  { name: 'no content', status: 204, body: '', kind: 'malformed', message: 'GET /v1/x: HTTP 204' },
  { name: 'accepted', status: 202, body: '[]', kind: 'malformed', message: 'GET /v1/x: HTTP 202' },
]

test.each(failures)('$status with $name is $kind', async ({ status, body, kind, message }) => {
  expect(await failureOf(judge(status, body))).toEqual({ kind, message, status })
})

test.each([
  ['HTML', '<html></html>', 'GET /v1/x: not JSON'],
  ['text', 'Titanium Cloud Patching API, Available versions: /v1', 'GET /v1/x: not JSON'],
  ['nothing', '', 'GET /v1/x: an empty body'],
])('200 with %s is malformed', async (_, body, message) => {
  expect(await failureOf(judge(200, body))).toEqual({ kind: 'malformed', message })
})

test('what a region says becomes one bounded line without control characters', async () => {
  const said = JSON.stringify({ error: `a\r\n\u001b[31mb\u0000\u2028c\u0085d ${'x'.repeat(1_000)}` })
  const { message } = await failureOf(judge(200, said))
  expect(message).toMatch(/^GET \/v1\/x: a \[31mb c d x+$/)
  expect(message.length).toBeLessThan(320)
})

test('a message that is cut stays well formed', async () => {
  const said = JSON.stringify({ error: `${'x'.repeat(299)}😀` })
  const { message } = await failureOf(judge(200, said))
  expect(message.isWellFormed()).toBe(true)
})

test('fields of the prototype are no error', async () => {
  expect(await judge(200, '{"__proto__": {"error": "x"}}')).toBeTypeOf('object')
})
