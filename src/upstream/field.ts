import type { JsonObject } from '../model/reading.ts'
import { field } from './json.ts'

/** The field where it has that type, else null: a fact that is missing is unknown, never guessed. */
export function string(record: JsonObject, key: string): string | null {
  const value = field(record, key)
  return typeof value === 'string' ? value : null
}

export function boolean(record: JsonObject, key: string): boolean | null {
  const value = field(record, key)
  return typeof value === 'boolean' ? value : null
}

export function number(record: JsonObject, key: string): number | null {
  const value = field(record, key)
  return typeof value === 'number' ? value : null
}

/** `"Y"` and `"N"`, upstream's older booleans. */
export function yesNo(record: JsonObject, key: string): boolean | null {
  const value = field(record, key)
  return value === 'Y' ? true : value === 'N' ? false : null
}

export function strings(record: JsonObject, key: string): readonly string[] {
  const value = field(record, key)
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
}
