import { defineConfig } from 'vitest/config'

/** `npm run image` tries what it has built: too slow for every run of the tests. */
export default defineConfig({
  test: { include: ['.ci/release/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
})
