/** One HTTP request as a region reads it. */
export interface SimRequest {
  readonly method: string
  /** As sent: path and query, still encoded. */
  readonly target: string
  readonly version: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent where it was sent in chunks, which upstream drops. */
  readonly body?: RequestBody
}

/** What is kept of a body; a big one isn't kept itself. */
export interface RequestBody {
  readonly bytes: number
  /** Absent for a multipart body: its parts have their own. */
  readonly sha256?: string
  /** Absent for a multipart body and for a long one. */
  readonly text?: string
  readonly parts?: readonly UploadedPart[]
}

/** One part of a multipart body. */
export interface UploadedPart {
  readonly name: string
  readonly filename?: string
  readonly bytes: number
  readonly sha256: string
  /** Whether it begins as a gzipped file does, which a real patch is. */
  readonly gzip: boolean
}

/** The decoded segments of the path, without empty ones: `%2F` splits too, as pecan has it. */
export function segmentsOf(request: SimRequest): string[] {
  const path = request.target.split('?')[0] ?? ''
  return decoded(path)
    .split('/')
    .filter((segment) => segment !== '')
}

/** The query's parameters; a repeated one counts as absent, as upstream's filters have it. */
export function parametersOf(request: SimRequest): ReadonlyMap<string, string> {
  const mark = request.target.indexOf('?')
  const found = new Map<string, string>()
  if (mark < 0) return found
  const search = new URLSearchParams(request.target.slice(mark + 1))
  for (const key of new Set(search.keys())) {
    const [first, ...others] = search.getAll(key)
    if (first !== undefined && others.length === 0) found.set(key, first)
  }
  return found
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
