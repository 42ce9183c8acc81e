import { expect, test } from 'vitest'
import { createProcessMetrics } from '../../src/metrics/process.ts'

test("the process's own series are there, each time", async () => {
  const metrics = createProcessMetrics()
  for (const text of [await metrics(), await metrics()]) {
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds \d/m)
  }
})
