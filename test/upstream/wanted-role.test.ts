import { expect, test } from 'vitest'
import { answeringBy, bothServices, east } from './ask-setup.ts'
import { failureOf } from './failure-of.ts'
import { recordingsOf } from './recordings.ts'

// A region says 403 to a read: which role it wants is told with it, as an operator has to give it.

const recorded = (name: string): string =>
  ['usm/stx10.0', 'usm/stx11.0', 'usm/stx12.0', 'patching/stx10.0', 'patching/stx6.0']
    .flatMap(recordingsOf)
    .find((recording) => recording.name === name)?.body ?? ''
const silent = 'the account lacks a role there (USM of stx 10 wants admin even to read)'
const refusing = (body: string) =>
  east(
    bothServices,
    answeringBy(() => ({ status: 403, body })),
  )

test.each([
  ['usm/stx10.0/auth-reader-get', `GET /v1: HTTP 403: ${silent}`],
  ['usm/stx10.0/auth-demo-admin-get', `GET /v1: HTTP 403: ${silent}`],
  ['usm/stx12.0/auth-member-get', 'GET /v1: HTTP 403: Not allowed, role reader or operator is needed'],
])('%s', async (name, message) => {
  const asking = refusing(recorded(name))
  const failure = { kind: 'unauthorized', status: 403, message }
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual(failure)
  expect(await failureOf(asking.ask({ resource: 'deploy' }))).toEqual(failure)
})

test('Patching says as little where it wants another role', async () => {
  const asking = refusing(recorded('patching/stx10.0/auth-403-accept-json'))
  const failure = { kind: 'unauthorized', status: 403, message: `GET /v1/query: HTTP 403: ${silent}` }
  expect(await failureOf(asking.ask({ resource: 'query' }))).toEqual(failure)
})
