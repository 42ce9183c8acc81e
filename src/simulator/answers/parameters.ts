import type { SimRequest } from './request.ts'

/**
 * A handler's arguments as pecan gathers them: the query, a form, a JSON object, whichever come; a broken or
 * other body counts as none (recordings precheck-form, -query, -badjson, -jsonarray).
 */
export function argumentsOf(request: SimRequest): Readonly<Record<string, unknown>> {
  const mark = request.target.indexOf('?')
  const query = mark < 0 ? {} : pairsOf(request.target.slice(mark + 1))
  const text = request.body?.text ?? ''
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) return { ...query, ...pairsOf(text) }
  return { ...query, ...(type.startsWith('application/json') ? objectOf(text) : {}) }
}

function pairsOf(text: string): Record<string, unknown> {
  const search = new URLSearchParams(text)
  return Object.fromEntries(
    [...new Set(search.keys())].map((key) => {
      const values = search.getAll(key)
      return [key, values.length === 1 ? values[0] : values]
    }),
  )
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {}
  } catch {
    return {}
  }
}

export function textArgument(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
