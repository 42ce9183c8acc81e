import { z } from 'zod'
import { parseDuration } from '../model/duration.ts'
import { regionName } from '../model/region.ts'

/** A duration (see `parseDuration`), in ms. */
export const duration = z.union([z.string(), z.number().nonnegative()]).transform((value, context) => {
  const ms = parseDuration(String(value))
  if (ms !== undefined) return ms
  context.addIssue({ code: 'custom', message: `not a duration: write 500ms, 30s, 5m or 1h` })
  return z.NEVER
})

/** A limit of no time would refuse everything. */
export const limit = duration.refine((ms) => ms > 0, 'must be more than 0')

const sizeUnits: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** A size in bytes: 32MiB. */
export const size = z.union([z.string(), z.number().int().positive()]).transform((value, context) => {
  const [, amount, unit = 'B'] = /^(\d{1,15})(B|KiB|MiB|GiB)?$/.exec(String(value)) ?? []
  const bytes = Number(amount) * (sizeUnits[unit] ?? 1)
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes
  context.addIssue({ code: 'custom', message: 'not a size: write 512KiB, 32MiB or 1GiB' })
  return z.NEVER
})

/** A service's base URL: no `/v1`, no credentials, no query. */
export const endpoint = z.string().transform((text, context) => {
  const wrong = (message: string): never => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  if (!URL.canParse(text)) return wrong('not a URL')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return wrong('not an http or https URL')
  if (url.username !== '' || url.password !== '') return wrong('a URL must not hold credentials')
  if (url.search !== '' || url.hash !== '') return wrong('a base URL has no query and no fragment')
  return url
})
/** The base URL of an update service. */
export const serviceEndpoint = endpoint.refine((url) => !/\/v1\/?$/.test(url.pathname), {
  message: 'write the base URL, without /v1',
})

/** Of a region: it may stand in a list, a path and a label. */
export const name = z
  .string()
  .min(1)
  .max(255)
  .regex(regionName, 'a name has no spaces, nothing invisible, and none of , ; * / ? # % \\')
  .refine((it) => it !== '.' && it !== '..', 'a name is neither . nor ..')
/** Of an inventory's label. */
export const label = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'not a label: use letters, digits, . _ -')
