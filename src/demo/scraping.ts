import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Throws a sentence where Debian's Prometheus is not installed. */
export function assertPrometheus(path = process.env['PATH'] ?? ''): void {
  if (path.split(delimiter).some((folder) => existsSync(join(folder, 'prometheus')))) return
  throw new Error(
    '--prometheus needs Prometheus: apt-get install -y --no-install-recommends prometheus (and `systemctl stop prometheus`, if it then runs on port 9090)',
  )
}

/** Prometheus' configuration for a demo; JSON, so YAML too. */
export function scrapeConfig(target: string): string {
  const config = {
    global: { scrape_interval: '5s', scrape_timeout: '4s', evaluation_interval: '5s' },
    rule_files: [join(import.meta.dirname, '../../config/prometheus/rules.yaml')],
    scrape_configs: [{ job_name: 'stx-fleet-gateway', static_configs: [{ targets: [target] }] }],
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}
