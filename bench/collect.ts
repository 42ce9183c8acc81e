/**
 * Loaded beside the gateway (`--expose-gc --import ./bench/collect.ts`), never by it: on SIGUSR2 it collects garbage
 * twice, and says so.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  // What the first collection finalises, the second one frees.
  setTimeout(() => {
    globalThis.gc?.()
    process.stdout.write('{"collected":true}\n')
  }, 100)
})
