import { Problem } from './problem.ts'

/** A 400 about an upload. */
export function badUpload(detail: string): Problem {
  return new Problem(400, 'bad-upload', detail)
}

/** What a part says that it is. */
export interface PartNames {
  readonly fieldName: string
  readonly fileName: string
  readonly contentType: string
}

const parameter = /;\s*([a-z]+\*?)\s*=\s*(?:"([^"]*)"|([^\s";,]*))\s*/giy
const longestName = 255
/** Names go into a header at the region, and into paths there: letters, digits and what is harmless to both. */
const harmless = /^[A-Za-z0-9 _./+,:@=~()%#[\]-]+$/
const mediaType = /^\s*([\w.+-]+\/[\w.+-]+)\s*(?:;.*)?$/

/** Reads and checks the names of a part. Throws a `Problem`. */
export function namesOf(header: Readonly<Record<string, readonly string[] | undefined>>): PartNames {
  const given = header['content-disposition'] ?? []
  const parameters = given.length === 1 ? parametersOf(given[0] ?? '') : undefined
  if (parameters === undefined) {
    throw badUpload('a part has no Content-Disposition of the form: form-data; name="…"; filename="…"')
  }
  const fieldName = parameters.get('name') ?? ''
  const fileName = parameters.get('filename')
  if (parameters.has('filename*')) throw badUpload('a file name has characters other than ASCII')
  checkName('a field name', fieldName)
  if (fileName === undefined) throw badUpload(`the field ${fieldName} is no file: only files are taken`)
  checkName('a file name', fileName)
  if (baseName(fileName) === '') throw badUpload('a file has no name')
  // Master would take the file that its own controller has there, in place of what was uploaded.
  if (/^\/+scratch(\/|$)/.test(fileName)) throw badUpload("a file name is a path of the region's own uploads")
  const [, contentType = 'application/octet-stream'] = mediaType.exec(header['content-type']?.[0] ?? '') ?? []
  return { fieldName, fileName, contentType }
}

/** The last segment of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function checkName(what: string, name: string): void {
  if (name === '') throw badUpload(`${what} is empty`)
  if (name.length > longestName) throw badUpload(`${what} is longer than ${longestName} bytes`)
  if (!harmless.test(name)) {
    throw badUpload(
      `${what} has other characters than letters, digits, spaces and _ . / + , : @ = ~ ( ) % # [ ] -`,
    )
  }
  if (name.split('/').includes('..')) throw badUpload(`${what} has a segment ".."`)
}

/** The parameters of a `form-data` disposition by lower-case name; undefined for anything else, a parameter twice too. */
function parametersOf(disposition: string): ReadonlyMap<string, string> | undefined {
  const [type = ''] = disposition.split(';', 1)
  if (type.trim().toLowerCase() !== 'form-data') return undefined
  const found = new Map<string, string>()
  let at = type.length
  for (const match of disposition.slice(at).matchAll(parameter)) {
    const [whole, name = '', quoted, bare = ''] = match
    if (found.has(name.toLowerCase())) return undefined
    found.set(name.toLowerCase(), quoted ?? bare)
    at += whole.length
  }
  return at === disposition.length ? found : undefined
}

const mostPaths = 100
const safePath = /^(?:\/[A-Za-z0-9._+-]+)+$/

/** The paths on the region's controller that a text/plain upload lists, as a JSON array. Throws a `Problem`. */
export function pathsIn(text: string): readonly string[] {
  let listed: unknown
  try {
    listed = JSON.parse(text)
  } catch {
    listed = undefined
  }
  if (!Array.isArray(listed) || !listed.every((path) => typeof path === 'string')) {
    throw badUpload('a text/plain upload is a JSON array of paths on the controller')
  }
  if (listed.length === 0) throw badUpload('the list of paths is empty')
  if (listed.length > mostPaths) throw badUpload(`at most ${mostPaths} paths`)
  for (const path of listed) {
    const segments = path.split('/')
    if (!safePath.test(path) || segments.includes('..') || segments.includes('.')) {
      throw badUpload(
        'each path is absolute, of letters, digits, and / . _ - +, without "." or ".." as a segment',
      )
    }
  }
  return listed
}
