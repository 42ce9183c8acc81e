/** What a client needs of a JSON value: why it would fail on this one, or undefined. */
export type Need = (value: unknown) => string | undefined

export const anything: Need = () => undefined
export const text = kind('a string', (value) => typeof value === 'string')
export const flag = kind('a boolean', (value) => typeof value === 'boolean')
/** Python's `for … in` or `len()` of a list. */
export const list = (each: Need): Need =>
  all('a list', Array.isArray, (value: unknown[]) => [...value.entries()], each)
/** Python's `.items()`. */
export const map = (each: Need): Need => all('an object', isObject, Object.entries, each)

/** Keys that the client reads by `[…]`, and those that it reads only where they are there. */
export function object(
  keys: Readonly<Record<string, Need>>,
  optional: Readonly<Record<string, Need>> = {},
): Need {
  return (value) => {
    if (!isObject(value)) return `is ${JSON.stringify(value)}, not an object`
    for (const [key, need] of Object.entries(keys)) {
      const why = key in value ? need(value[key]) : 'is missing'
      if (why !== undefined) return `.${key} ${why}`
    }
    for (const [key, need] of Object.entries(optional)) {
      const why = key in value ? need(value[key]) : undefined
      if (why !== undefined) return `.${key} ${why}`
    }
  }
}

/** Python's `if value:` before the value is read: null, `[]`, `{}`, "" and false are as good as none. */
export function unlessFalsy(need: Need): Need {
  return (value) => (isFalsy(value) ? undefined : need(value))
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isFalsy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return !value
}

function kind(what: string, is: (value: unknown) => boolean): Need {
  return (value) => (is(value) ? undefined : `is ${JSON.stringify(value)}, not ${what}`)
}

function all<T>(
  what: string,
  is: (value: unknown) => value is T,
  entries: (value: T) => readonly (readonly [key: string | number, value: unknown])[],
  each: Need,
): Need {
  return (value) => {
    if (!is(value)) return `is ${JSON.stringify(value)}, not ${what}`
    for (const [key, one] of entries(value)) {
      const why = each(one)
      if (why !== undefined) return `[${key}] ${why}`
    }
  }
}
