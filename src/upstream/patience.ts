/** ms: a timer that comes later than that was held up by ourselves, or by the machine. */
const ourOwn = 250

/**
 * Calls `over` after so many ms, unless the returned function is called before. Time in which we did not run is no
 * region's doing: for as long as we were late is waited once more, and what has come meanwhile is seen first.
 */
export function afterPatience(ms: number, over: () => void): () => void {
  const due = performance.now() + ms
  let seen: NodeJS.Immediate | undefined
  const see = (): void => void (seen = setImmediate(over))
  let timer = setTimeout(() => {
    const late = performance.now() - due
    if (late > ourOwn) timer = setTimeout(see, Math.min(late, ms))
    else see()
  }, ms)
  return () => {
    clearTimeout(timer)
    clearImmediate(seen)
  }
}
