import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rules } from './expressions.ts'

const root = join(import.meta.dirname, '../..')
const promtool = (...args: readonly string[]): string =>
  execFileSync('promtool', args, { cwd: root, encoding: 'utf8' })

test('Prometheus takes the rules, and the configuration that loads them', () => {
  expect(
    promtool('check', 'config', '--lint=all', '--lint-fatal', 'config/prometheus/prometheus.yaml'),
  ).toContain(`SUCCESS: ${rules.length} rules found`)
})

test.each(['long', 'short'])('the rules tell the %s stories', { timeout: 120_000 }, (name) => {
  expect(promtool('test', 'rules', `test/prometheus/rules/${name}.yaml`)).toContain('SUCCESS')
})

const alerts = rules.filter(({ alert }) => alert !== undefined)
const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8')
const stories = ['long', 'short'].map((name) =>
  readFileSync(join(root, `test/prometheus/rules/${name}.yaml`), 'utf8'),
)

test('there are alerts', () => expect(alerts.length).toBeGreaterThan(15))

test.each(alerts.map((each) => [each.alert ?? '', each] as const))(
  '%s has a story in which it fires, and a runbook',
  (name, { annotations }) => {
    expect(annotations?.['runbook_url']).toBe(`docs/runbooks.md#${name.toLowerCase()}`)
    expect(runbooks).toContain(`\n## ${name}\n`)
    expect(
      stories.some((text) => new RegExp(`alertname: ${name}\\n +exp_alerts:\\n +- exp_labels`).test(text)),
    ).toBe(true)
  },
)

test('no runbook is about an alert that is not there', () => {
  const told = [...runbooks.matchAll(/^## (Stx\w+)$/gm)].map(([, name]) => name)
  expect(told).toEqual(alerts.map(({ alert }) => alert))
})
