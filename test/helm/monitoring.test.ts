import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chart, only, template, type Manifest } from './render.ts'
import { mistakesOf } from './strict.ts'

const values = { prometheusRule: { enabled: true }, dashboards: { enabled: true } }
const minimal = join(chart, 'ci/minimal-values.yaml')

/** A copy of the chart with files of the tests' own. */
let planted = ''
beforeAll(async () => {
  planted = join(await mkdtemp(join(tmpdir(), 'stx-fleet-chart-')), 'stx-fleet-gateway')
  await cp(chart, planted, { recursive: true })
  await rm(join(planted, 'files'), { recursive: true, force: true })
})
afterAll(() => rm(join(planted, '..'), { recursive: true, force: true }))

async function plant(path: string, text: string): Promise<void> {
  await mkdir(join(planted, path, '..'), { recursive: true })
  await writeFile(join(planted, path), text)
}

function kinds(manifests: readonly Manifest[]): readonly string[] {
  return manifests.map(({ kind }) => kind)
}

test('without rules and dashboards there is nothing of them', async () => {
  const manifests = await template(minimal, values, planted)
  expect(kinds(manifests)).not.toContain('PrometheusRule')
  expect(kinds(manifests).filter((kind) => kind === 'ConfigMap')).toHaveLength(1)
})

test('rules of several files and each dashboard arrive as they are written', async () => {
  const summary = 'Region {{ $labels.region_name }} is dark'
  const alert = (name: string): object => ({
    alert: name,
    expr: 'stx_region_up == 0',
    annotations: { summary },
  })
  await plant(
    'files/prometheus/a-rules.yaml',
    JSON.stringify({ groups: [{ name: 'a', rules: [alert('A')] }] }),
  )
  await plant(
    'files/prometheus/b-rules.yaml',
    `groups:\n- name: b\n  rules:\n  - ${JSON.stringify(alert('B'))}\n`,
  )
  const dashboard = '{\n  "title": "Fleet",\n  "legend": "{{region_name}}"\n}\n'
  await plant('files/grafana/Fleet_overview.json', dashboard)

  const manifests = await template(minimal, values, planted)
  expect(await mistakesOf(manifests)).toEqual([])
  expect(only(manifests, 'PrometheusRule')['spec']).toEqual({
    groups: [
      { name: 'a', rules: [alert('A')] },
      { name: 'b', rules: [alert('B')] },
    ],
  })
  const map = only(manifests, 'ConfigMap', 'fleet-overview')
  expect(map.metadata.labels).toMatchObject({ grafana_dashboard: '1' })
  expect(map['data']).toEqual({ 'Fleet_overview.json': dashboard })
})

test('nothing of them is made where they are not wanted', async () => {
  expect(kinds(await template(minimal, {}, planted)).filter((kind) => /Rule|Monitor/.test(kind))).toEqual([])
})

test('what helm prints at the end are commands that fit the release', async () => {
  // Helm prints NOTES.txt only in a cluster; a template may include it.
  await plant(
    'templates/notes.yaml',
    'notes: {{ include (print $.Template.BasePath "/NOTES.txt") . | toJson }}\n',
  )
  const notes = async (file: string): Promise<string> => {
    const manifests = await template(join(chart, 'ci', file), {}, planted)
    return manifests.map((each) => each['notes']).find((each) => typeof each === 'string') ?? ''
  }
  expect(await notes('minimal-values.yaml')).toContain(
    'kubectl -n noc port-forward service/fleet-stx-fleet-gateway 8080:80 &\n  curl -i -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/v1/release\n',
  )
  expect(await notes('discovered-values.yaml')).toContain('https://fleet.example/v1/release\n')
  const everything = await notes('everything-values.yaml')
  expect(everything).toContain('curl 127.0.0.1:9000/discovery\n')
  expect(everything).toContain('A drain of its node waits for you')
})
