import { Broken, Crash, Refusal } from '../region/refusal.ts'
import type { RegionState } from '../region/state.ts'
import type { Answer } from './answer.ts'
import { hookAnswer, jsonAnswer, serverErrorAnswer } from './answer.ts'

/** Turns what a handler does, or how it refuses, into an answer; the region counts as changed. */
export function outcomeOf(
  state: RegionState,
  handle: () => unknown,
  statusOf: (value: unknown) => number = () => 200,
): Answer | Promise<Answer> {
  const good = (value: unknown) => {
    state.version += 1
    return jsonAnswer(value, statusOf(value))
  }
  const bad = (error: unknown) => {
    state.version += 1
    return refusedAnswer(state, error)
  }
  try {
    const value = handle()
    if (!(value instanceof Promise)) return good(value)
    // Reads that come meanwhile see the state as it is now.
    state.version += 1
    return value.then(good, bad)
  } catch (error) {
    return bad(error)
  }
}

function refusedAnswer(state: RegionState, error: unknown): Answer {
  if (error instanceof Refusal) return hookAnswer(406, error.error, error.info)
  if (error instanceof Broken) return internalError(state)
  if (error instanceof Crash) return serverErrorAnswer(true)
  throw error
}

/** A result that names an error is a 406 where upstream looks for it: prechecks and starts. */
export function errorIs406(value: unknown): number {
  const { error } = (value ?? {}) as { error?: unknown }
  return typeof error === 'string' && error !== '' ? 406 : 200
}

/** An exception of the code itself; the signature changes with the state (recording deploy-show-query-bad). */
export function internalError(state: RegionState): Answer {
  const signature = (state.version * 0x9e3779b1) >>> 0
  return hookAnswer(
    500,
    `Internal error occurred. Error signature [${signature.toString(16).padStart(8, '0')}]`,
  )
}
