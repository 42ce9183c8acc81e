/**
 * A key that stands twice in the object that a JSON text is; the text is one that `JSON.parse` took. Which of the two
 * counts, readers differ on: a check before us may have read the other one.
 */
export function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  let last = '""'
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (token !== ':') last = token
    else if (depth === 1) {
      const key = String(JSON.parse(last))
      if (seen.has(key)) return key
      seen.add(key)
    }
  }
  return undefined
}
