import { isIP } from 'node:net'
import { Problem } from './problem.ts'

/**
 * For what takes requests without a token since only this machine reaches it: a browser here does too, for any page.
 * Throws a 403 `Problem` where a page may have caused the request. `rawHeaders`: name, value, name, value …
 */
export function refusePages(rawHeaders: readonly string[]): void {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase()
    const value = rawHeaders[i + 1] ?? ''
    // Browsers send it with all that could change something, and no other client does.
    if (name === 'origin') throw refused('a web page caused this request')
    if (name === 'host' && mayBePages(value))
      throw refused('without a token this is asked by its address, or as localhost')
  }
}

/** A domain may lead its pages' requests to this machine; they keep its name. */
function mayBePages(host: string): boolean {
  const name = host.trim().replace(/:\d*$/, '')
  return !name.startsWith('[') && name.includes('.') && isIP(name) === 0
}

function refused(detail: string): Problem {
  return new Problem(403, 'forbidden', detail)
}
