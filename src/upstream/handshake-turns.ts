import { AsyncResource } from 'node:async_hooks'

/** Runs `begin` when it may; it calls `done` once its handshake ended, in whatever way. */
export type HandshakeTurns = (begin: (done: () => void) => void) => void

/**
 * TLS handshakes under way at once, over all regions: each costs a millisecond of our own CPU and some turns of the loop.
 * Thousands together would take so long that healthy regions seem dark.
 */
const mostAtOnce = 128
/** ms after which a handshake that goes on no longer keeps others waiting: its region is far away, or hangs. */
const longestTurn = 1_000

/** Handshakes in turns, first come, first served. */
export function createHandshakeTurns(most = mostAtOnce, longest = longestTurn): HandshakeTurns {
  const waiting: (() => void)[] = []
  let underWay = 0
  let filling = false

  function start(begin: (done: () => void) => void): void {
    underWay++
    let over = false
    const done = (): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      underWay--
      fill()
    }
    const timer = setTimeout(done, longest)
    begin(done)
  }

  const next = (): (() => void) | undefined => (underWay < most ? waiting.shift() : undefined)

  /** In a loop: where thousands lost their connection while they waited, each is done as it begins. */
  function fill(): void {
    if (filling) return
    filling = true
    try {
      for (let begin = next(); begin; begin = next()) begin()
    } finally {
      filling = false
    }
  }

  return (begin) => {
    // It goes on in the name of the request that waits, not of the one that made room.
    waiting.push(AsyncResource.bind(() => start(begin)))
    fill()
  }
}
