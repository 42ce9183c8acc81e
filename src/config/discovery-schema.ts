import { z } from 'zod'
import { endpoint, limit, name } from './values.ts'

const template = z
  .string()
  .refine((text) => URL.canParse(text.replaceAll('{ip}', '192.0.2.1')) && text.includes('{ip}'), {
    message: 'not a URL with {ip} in it',
  })
const interfaceName = z.enum(['admin', 'internal', 'public'])
const share = z.number().min(0).max(1)
const fromSource = {
  credentials: z.string().min(1),
  /** For the regions that it finds; its own where it is not given. */
  region_credentials: z.string().min(1).optional(),
  max_shrink: share.default(0.2),
  central_region: name.default('RegionOne'),
  interface: interfaceName.optional(),
}
/** One source of regions. */
export const discovery = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dcmanager'),
    url: endpoint,
    keystone: endpoint.optional(),
    interval: limit.prefault('60s'),
    endpoints: z
      .strictObject({
        keystone: template.default('https://{ip}:5001/v3'),
        usm: template.default('https://{ip}:5498'),
        patching: template.default('https://{ip}:5492'),
      })
      .prefault({}),
    ...fromSource,
  }),
  z.strictObject({
    kind: z.literal('keystone_catalog'),
    keystone: endpoint,
    interval: limit.prefault('5m'),
    ...fromSource,
  }),
])
