/** Runs tasks strictly one after another, as a single-threaded server does. */
export interface Serial {
  run<T>(task: () => Promise<T>): Promise<T>
}

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(task) {
      const done = last.then(task)
      last = done.catch(() => undefined)
      return done
    },
  }
}
