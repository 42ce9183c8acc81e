import { Broken, Refusal } from '../region/refusal.ts'
import type { RegionState } from '../region/state.ts'
import type { UploadedFile } from '../region/usm/upload.ts'
import { localFiles } from '../region/usm/upload.ts'
import type { SimRequest } from './request.ts'

/**
 * The files that an upload to USM brings: multipart, or as text/plain a JSON list of paths on the controller.
 * A body that upstream can't read breaks it (recordings upload-empty, -plain-field, -local-badjson).
 */
export function uploadedFiles(state: RegionState, request: SimRequest): UploadedFile[] {
  const type = request.headers['content-type']
  if (type === undefined) throw new Broken('no content type')
  const { text = '', parts } = request.body ?? {}
  if (type.startsWith('text/plain')) {
    const paths = listOf(text)
    if (paths.length === 0) throw new Refusal('No files uploaded')
    return localFiles(state, paths)
  }
  if (type.startsWith('application/x-www-form-urlencoded') && text !== '') throw new Broken('a plain field')
  if (!parts || parts.length === 0) throw new Refusal('No files uploaded')
  return parts.map(({ filename, gzip }) => {
    if (filename === undefined) throw new Broken('a plain field')
    return { path: filename, gzip }
  })
}

/** Python's `list(json.loads(body))`: a text comes apart into its letters. */
function listOf(text: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Broken('no JSON')
  }
  if (typeof value === 'string') return Array.from(value)
  if (Array.isArray(value)) return value.map(String)
  if (value !== null && typeof value === 'object') return Object.keys(value)
  throw new Broken('not iterable')
}
