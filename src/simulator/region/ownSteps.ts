import type { RegionState } from './state.ts'

/** Whose step it is: what a test advances or drops together. */
export type StepOf = 'deployment' | 'peer' | 'patching'

/** Something that a region is about to do by itself, as `start` becomes `start-done`. */
export interface OwnStep {
  readonly of: StepOf
  readonly take: () => void
  /** How it goes wrong instead, where it can. */
  readonly fail?: () => void
}

/** How long a region takes for what it does by itself. */
export interface Timing {
  /** Between two states, in ms; null: not before an `advance`. */
  transitionMs: number | null
  /** How long an agent works on a host while the call that asked for it waits; null: until an `advance`. */
  hostMs: number | null
}

/** Plans a step: after `ms`, or when somebody advances the region. */
export function later(
  state: RegionState,
  step: OwnStep,
  ms: number | null = state.timing.transitionMs,
): OwnStep {
  state.ownSteps.push(step)
  // Long idle regions must not keep a process alive.
  if (ms !== null) setTimeout(() => run(state, step, 'take'), ms).unref()
  return step
}

/** Takes the oldest planned step now, or lets it fail; false when none is planned. */
export function hasten(state: RegionState, of?: StepOf, how: 'take' | 'fail' = 'take'): boolean {
  const step = state.ownSteps.find(
    (planned) => (of === undefined || planned.of === of) && (how === 'take' || planned.fail !== undefined),
  )
  return step !== undefined && run(state, step, how)
}

/** Forgets what was planned, as when another state is set by hand. */
export function dropSteps(state: RegionState, of: StepOf): void {
  state.ownSteps = state.ownSteps.filter((step) => step.of !== of)
}

function run(state: RegionState, step: OwnStep, how: 'take' | 'fail'): boolean {
  const position = state.ownSteps.indexOf(step)
  if (position < 0) return false
  state.ownSteps.splice(position, 1)
  if (how === 'fail') step.fail?.()
  else step.take()
  state.version += 1
  return true
}
