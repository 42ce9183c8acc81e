import { setImmediate } from 'node:timers/promises'

/** ms of work between two looks at what else waits. */
const longest = 2

/** Long work lets others go first, at its start and now and then: await the result wherever it may pause. */
export function createPauses(): () => Promise<void> | undefined {
  let began = -Infinity
  return () => {
    if (performance.now() - began < longest) return undefined
    return setImmediate().then(() => void (began = performance.now()))
  }
}
