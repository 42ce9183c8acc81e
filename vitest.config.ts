import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second, which it is otherwise, is little on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    // Two cores: more workers only make the socket tests slower.
    maxWorkers: 2,
  },
})
