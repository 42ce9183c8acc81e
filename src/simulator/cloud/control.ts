import { z } from 'zod'
import { keystoneChangeSchema } from '../keystone/keystone.ts'
import { certificateKinds } from '../tls/authority.ts'
import {
  listingSchema,
  newSubcloudSchema,
  preparationSchema,
  publishSchema,
  renewalSchema,
  subcloudChangeSchema,
} from './change.ts'
import type { Cloud } from './cloud.ts'

/** A call of the control port, taken apart. */
export interface ControlCall {
  readonly method: string
  /** Decoded. */
  readonly path: readonly string[]
  /** What it was sent, `{}` where that was nothing. */
  readonly body: () => Promise<unknown>
}

const certificateSchema = z.strictObject({ kind: z.enum(certificateKinds) })

/** The calls that concern Keystone, dcmanager and certificates; undefined: none of them. */
export async function answerCloud(cloud: Cloud, { method, path, body }: ControlCall): Promise<unknown> {
  const [root, name, action] = path
  if (method === 'GET' && path.length === 1) {
    if (root === 'cloud') return cloud.view()
    if (root === 'subclouds') return cloud.subclouds()
  }
  if (method === 'DELETE' && root === 'subclouds' && name !== undefined)
    return cloud.removeSubcloud(name) ?? {}
  if (method !== 'POST') return undefined
  if (root === 'keystone') return cloud.changeKeystone(keystoneChangeSchema.parse(await body())) ?? {}
  if (root === 'dcmanager') return cloud.setListing(listingSchema.parse(await body()).list) ?? {}
  if (root === 'ca') return changeCa(cloud, await body())
  if (root === 'subclouds') {
    if (name === undefined) await cloud.addSubcloud(newSubcloudSchema.parse(await body()))
    else await cloud.changeSubcloud(name, subcloudChangeSchema.parse(await body()))
    return {}
  }
  if (root !== 'regions' || name === undefined) return undefined
  if (action === 'keystone') return cloud.changeKeystone(keystoneChangeSchema.parse(await body()), name) ?? {}
  if (action !== 'certificate') return undefined
  await cloud.setCertificate(name, certificateSchema.parse(await body()).kind)
  return {}
}

async function changeCa(cloud: Cloud, body: unknown): Promise<Record<string, never>> {
  const publication = publishSchema.safeParse(body)
  if (publication.success) await cloud.publishCa(publication.data.publish)
  else if (preparationSchema.safeParse(body).success) await cloud.prepareCa()
  else await cloud.renewCa(renewalSchema.parse(body))
  return {}
}
