import type { WriteTimeouts } from '../../src/model/region-call.ts'

/** ms; short enough for a test that waits for one of them. */
export const writeTimeouts: WriteTimeouts = {
  quick: 2_000,
  precheck: 2_000,
  host_deploy: 2_000,
  upload: 10_000,
}
