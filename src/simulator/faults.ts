import { z } from 'zod'
import type { Random } from './random.ts'

const ms = z.number().min(0).max(3_600_000)
const path = z.string().optional().describe('only targets that begin with this')
const method = z.string().optional().describe('only requests of this method')

/** What can be wrong with one service of one region; one at a time. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('refuse') }).describe('nobody listens at the address'),
  z.strictObject({ kind: z.literal('down') }).describe('the daemon is gone; a front still answers 503'),
  z
    .strictObject({ kind: z.literal('black-hole'), connect: z.boolean().optional() })
    .describe('accepts and says nothing; with connect: does not even accept'),
  z
    .strictObject({ kind: z.literal('slow'), ms, to: ms.optional(), path, method })
    .describe('ms, or from ms to `to`'),
  z
    .strictObject({ kind: z.literal('drip'), every: ms.optional(), path, method })
    .describe('a byte each second'),
  z.strictObject({ kind: z.literal('cut'), path, method }).describe('half the body, then a reset'),
  z
    .strictObject({ kind: z.literal('late'), ms, path, method })
    .describe('does what it is asked at once and answers so much later'),
  z
    .strictObject({ kind: z.literal('lost'), at: z.enum(['before', 'midway']).optional(), path, method })
    .describe('does what it is asked, then breaks the connection before or midway in its answer'),
  z.strictObject({ kind: z.literal('html'), path, method }).describe('a login page as 200'),
  z.strictObject({ kind: z.literal('bad-json'), path, method }).describe('a body that ends too early'),
  z
    .strictObject({
      kind: z.literal('status'),
      status: z.int().min(300).max(599),
      flavour: z.enum(['daemon', 'front', 'keystone']).optional(),
      path,
      method,
    })
    .describe('an error in the words of the release, of the front or of Keystone being down'),
  z.strictObject({ kind: z.literal('error-200'), error: z.string().optional(), path, method }),
  z.strictObject({ kind: z.literal('redirect'), location: z.string().optional(), path, method }),
  z.strictObject({ kind: z.literal('empty-204'), path, method }),
  z
    .strictObject({
      kind: z.literal('huge'),
      bytes: z
        .int()
        .min(2)
        .max(2 ** 30)
        .optional(),
      path,
      method,
    })
    .describe('a valid JSON body of up to 1 GiB'),
  z
    .strictObject({
      kind: z.literal('impersonate'),
      region_name: z.string(),
      spelling: z.enum(['plain', 'escaped']).optional(),
      path,
      method,
    })
    .describe('every record claims to be of another region'),
  z
    .strictObject({ kind: z.literal('crash'), for_ms: ms.optional() })
    .describe('the next answer is a 500, then the daemon is gone for a while, then well'),
])

export type Fault = z.infer<typeof faultSchema>

/** Whether a fault concerns this request; those of a whole service always do. */
export function concerns(fault: Fault, request: { method: string; target: string }): boolean {
  const { path: begin, method: only } = fault as { path?: string; method?: string }
  if (only !== undefined && only !== request.method) return false
  return begin === undefined || request.target.startsWith(begin)
}

/** Whether the daemon still does what it is asked, however its answer fares. */
export function isPerformed(fault: Fault | undefined): boolean {
  return !/^(html|status|error-200|redirect|empty-204|crash)$/.test(fault?.kind ?? '')
}

/** How much later than usual a daemon begins with a request, in ms. */
export function slownessOf(fault: Fault | undefined, random: Random): number {
  if (fault?.kind !== 'slow') return 0
  return fault.to === undefined ? fault.ms : fault.ms + random.next() * Math.max(0, fault.to - fault.ms)
}
