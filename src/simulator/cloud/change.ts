import { z } from 'zod'
import { listings } from '../dcmanager/dcmanager.ts'
import { stxReleases } from '../region/release.ts'

/** What happens to a subcloud at its system controller. */
export const subcloudChangeSchema = z
  .strictObject({
    rename: z.string().min(1).describe('its region name stays'),
    move: z
      .literal(true)
      .describe('to an address of its own that it has not had; all its listeners go there'),
    managed: z.boolean(),
    online: z.boolean().describe('what dcmanager says; a fault makes it so'),
    group: z.string().min(1),
  })
  .partial()

/** A subcloud to list: one that was removed, or a new region. */
export const newSubcloudSchema = z.strictObject({
  name: z.string().min(1),
  region_name: z.string().min(1).optional().describe('by default a random one, up to stx 8 the name'),
  release: z.enum(stxReleases).optional(),
  labels: z.record(z.string(), z.string()).optional(),
})

export const listingSchema = z.strictObject({ list: z.enum(listings) })

/** The root changes and every server's certificate with it; `later`: the file stays behind until `publish`. */
export const renewalSchema = z.strictObject({ bundle: z.enum(['both', 'new', 'later']).optional() })

/** A new root in the file beside the old one; the servers change at the next renewal. */
export const preparationSchema = z.strictObject({ prepare: z.literal(true) })

export const publishSchema = z.strictObject({ publish: z.enum(['both', 'new']) })

export type SubcloudChange = z.infer<typeof subcloudChangeSchema>
export type NewSubcloud = z.infer<typeof newSubcloudSchema>
export type Renewal = z.infer<typeof renewalSchema>
