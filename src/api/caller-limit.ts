import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'

/** Takes a place among a caller's writes, and gives the function that leaves it; throws a 429 `Problem` where all are taken. */
export function createCallerLimit(most: number): (caller: Caller) => () => void {
  const under = new Map<string, number>()
  return ({ issuer, subject }) => {
    const key = `${issuer}\n${subject}`
    const count = under.get(key) ?? 0
    if (count >= most) {
      throw new Problem(429, 'too-many-writes', `${count} writes of this caller are under way already`, {
        headers: { 'retry-after': '5' },
      })
    }
    under.set(key, count + 1)
    return () => {
      const left = (under.get(key) ?? 1) - 1
      if (left > 0) under.set(key, left)
      else under.delete(key)
    }
  }
}
