import { isArray, parseJson } from '../../replay/json.ts'
import { partsOf } from './form.ts'
import type { Part } from './form.ts'

/** What an upload brings, or undefined where a gateway refuses it. */
export type Uploaded = { readonly files: readonly Part[] } | { readonly paths: readonly string[] } | undefined

export function uploadOf(contentType: string, body: Buffer): Uploaded {
  if (/^text\/plain\b/i.test(contentType)) {
    const listed = parseJson(body.toString('utf8'))
    if (!isArray(listed)) return undefined
    const paths = listed.filter((path): path is string => typeof path === 'string' && isPlainPath(path))
    return paths.length > 0 && paths.length === listed.length ? { paths } : undefined
  }
  const files = partsOf(contentType, body)
  if (files === undefined || files.length === 0 || files.length > 16) return undefined
  const areFiles = files.every(
    ({ name, fileName, bytes }) => name !== '' && fileName !== '' && bytes.length > 0,
  )
  const areDistinct = new Set(files.map(({ fileName }) => fileName)).size === files.length
  return areFiles && areDistinct ? { files } : undefined
}

/** Absolute, and of characters that no shell or path reads as anything else. */
function isPlainPath(path: string): boolean {
  return /^(\/[A-Za-z0-9._+-]+)+$/.test(path) && !path.split('/').some((each) => /^\.\.?$/.test(each))
}
