import { roles } from '../caller.ts'
import { details } from './fleet-paths.ts'
import { json, type Operation } from './operation.ts'
import { closed, count, instant, listOf, orNull, text, yesNo } from './schema.ts'

/** `GET /fleet/v1/whoami`. */
export const whoAmI: Operation = {
  operationId: 'fleet_whoami',
  tags: ["The fleet's own view"],
  summary: 'What the gateway takes its caller for',
  responses: {
    200: {
      description: 'The caller',
      content: json(
        closed({
          subject: text,
          name: { ...orNull(text), description: 'User and domain, of callers whom Keystone knows' },
          issuer: text,
          project: { ...orNull(text), description: 'Project and domain, of a token of Keystone' },
          roles: closed({
            granted: { ...listOf(text), description: 'As the token has them' },
            effective: {
              type: ['string', 'null'],
              enum: [...roles, null],
              description: 'The highest that counts here',
            },
          }),
          may: closed({
            read: yesNo,
            refresh: { ...yesNo, description: 'Ask for answers younger than `refresh.min_age`' },
            write: yesNo,
          }),
          regions: closed({
            all: { ...yesNo, description: 'Whether nothing limits which regions may be seen' },
            visible: { ...count, description: 'Regions that may be seen now' },
            scope: {
              ...orNull(listOf(text)),
              description: 'Names, globs, group:… and label:k=v; null: no limit',
            },
          }),
          expires_at: { ...orNull(instant), description: 'When the token ends' },
        }),
      ),
    },
    ...details(400, 401, 429, 500, 503),
  },
}
