/**
 * Loaded beside the gateway (`--expose-gc --import ./bench/collect.ts`), never by it: on SIGUSR2 it collects garbage
 * twice, gives back what is free, and says so.
 */
const collect = (): void => {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
process.on('SIGUSR2', () => {
  collect()
  // What the first collection finalises, the second one frees.
  setTimeout(() => {
    collect()
    process.stdout.write('{"collected":true}\n')
  }, 100)
})
