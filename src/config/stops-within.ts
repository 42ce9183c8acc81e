import type { Config } from './schema.ts'

/** s that the gateway may take to end: what it waits for, and 10 for what it tells and keeps after that. */
export function stopsWithin({ drain }: Pick<Config, 'drain'>): number {
  return Math.ceil((drain.delay + drain.timeout) / 1_000) + 10
}

/** s that the unit of examples/systemd gives it. */
export const unitGives = 120
