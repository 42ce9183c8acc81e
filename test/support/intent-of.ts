import { toIntent, type Given } from '../../src/api/intent.ts'
import { matchCall, prefixOf, segmentsOf } from '../../src/api/region-path.ts'
import type { Intent } from '../../src/model/intent.ts'
import type { JsonObject } from '../../src/model/reading.ts'
import type { Method } from '../../src/model/region-call.ts'
import type { Region } from '../../src/model/region.ts'
import type { Upload } from '../../src/model/upload.ts'
import { createRegion } from './fleet-regions.ts'

/** What `POST /v1/deploy/x/start?a=b` means to a region. */
export function intentOf(
  asked: string,
  body: JsonObject = {},
  {
    region = createRegion('east'),
    strict = false,
    upload,
  }: { readonly region?: Region; readonly strict?: boolean; readonly upload?: Upload } = {},
): Intent {
  const [method = '', target = ''] = asked.split(' ')
  const [path = '', query = ''] = target.split('?')
  const { service, rest } = prefixOf(segmentsOf(path))
  const [matched] = matchCall(method, rest, service)
  if (matched === undefined) throw new Error('no such call')
  const given: Given = {
    method: method as Method,
    query: new URLSearchParams(query),
    body,
    ...(upload !== undefined && { upload }),
  }
  return toIntent(matched, given, region, strict)
}
