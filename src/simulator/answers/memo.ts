import type { Answer } from './answer.ts'

/** Keeps answers until the state that they tell of changes; a benchmark asks the same thing many times. */
export interface AnswerMemo {
  get(key: string, version: number, make: () => Answer): Answer
}

/** All regions of the process together, in characters. */
const budget = 256 * 1024 * 1024
let spent = 0

export function createAnswerMemo(): AnswerMemo {
  let known = new Map<string, Answer>()
  let knownVersion = 0
  let size = 0
  return {
    get(key, version, make) {
      if (version !== knownVersion) {
        known = new Map()
        knownVersion = version
        spent -= size
        size = 0
      }
      const kept = known.get(key)
      if (kept) return kept
      const answer = make()
      if (answer.crashes || known.size >= 16 || spent + answer.body.length > budget) return answer
      const { json: _, ...rest } = answer
      known.set(key, rest)
      size += answer.body.length
      spent += answer.body.length
      return rest
    },
  }
}
