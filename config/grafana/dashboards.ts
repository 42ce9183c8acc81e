import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { deploymentsBoard } from './deployments.ts'
import { fleetBoard } from './fleet.ts'
import { healthBoard } from './health.ts'
import { regionBoard } from './region.ts'

/** Every dashboard, by the file it is kept in. */
export const dashboards: Readonly<Record<string, () => Dashboard>> = {
  'fleet.json': fleetBoard,
  'region.json': regionBoard,
  'deployments.json': deploymentsBoard,
  'health.json': healthBoard,
}

/** A dashboard as its file holds it. */
export function textOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, undefined, 2)}\n`
}
