/**
 * Links in version documents name the region's own address, or a front's (recordings usm/stx10.0/root, usm/stx10.0/v1):
 * they are made to lead through this gateway. `base` is the region's place here, without `/v1`.
 */
export function withLinks(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withLinks(each, base))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'href' && typeof each === 'string' ? through(each, base) : withLinks(each, base),
    ]),
  )
}

function through(href: string, base: string): string {
  if (!URL.canParse(href)) return href
  const { pathname } = new URL(href)
  const at = pathname.indexOf('/v1')
  return base + (at === -1 ? '/' : pathname.slice(at))
}
