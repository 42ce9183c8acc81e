/** Resolves with the event, or after so many ms without it. */
export function waitFor(event: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, ms))
    void event.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
