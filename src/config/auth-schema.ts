import { z } from 'zod'
import { endpoint } from './values.ts'

const claimPath = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])
const word = z.string().min(1)

const issuer = z
  .strictObject({
    issuer: word,
    audience: word,
    jwks_file: word.optional(),
    jwks_uri: endpoint.optional(),
    claims: z
      .strictObject({
        roles: claimPath.default('roles'),
        regions: claimPath.optional(),
        role_names: z.record(word, z.enum(['reader', 'operator', 'configurator', 'admin'])).optional(),
      })
      .prefault({}),
  })
  .refine((it) => it.jwks_file === undefined || it.jwks_uri === undefined, {
    message: 'give jwks_file or jwks_uri, not both',
  })

const regionScope = z
  .strictObject({
    user: word.optional(),
    project: word.optional(),
    domain: word.default('Default'),
    group_id: word.optional(),
    regions: z.array(word),
  })
  .refine((it) => [it.user, it.project, it.group_id].filter((who) => who !== undefined).length === 1, {
    message: 'give one of user, project and group_id',
  })

/** Who may ask. */
export const auth = z
  .strictObject({
    issuers: z.array(issuer).default([]),
    keystone: z
      .strictObject({
        url: endpoint,
        credentials: word,
        region_scopes: z.array(regionScope).optional(),
      })
      .optional(),
  })
  .refine((it) => it.issuers.length > 0 || it.keystone !== undefined, {
    message: 'give an issuer or a keystone: else nobody could ask',
    path: ['issuers'],
  })

const upTo = (most: number): z.ZodNumber => z.number().min(0).max(most)

/** What one caller may ask for; 0 is no limit. */
export const limits = z
  .strictObject({
    requests_per_second: upTo(1_000_000).default(200),
    burst: upTo(1_000_000).int().min(1).default(1_000),
    concurrent: upTo(1_000_000).int().default(100),
  })
  .prefault({})
