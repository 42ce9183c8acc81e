/** Header lines of a file: `name: value`, empty ones and comments (`#`) aside. Throws without repeating what they say. */
export function headersIn(text: string, file: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, value] =
      /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) {
      throw new Error(`tracing.otlp.headers_file: ${file}:${i + 1}: not a header: write "name: value"`)
    }
    headers[name.toLowerCase()] = value
  }
  return headers
}
