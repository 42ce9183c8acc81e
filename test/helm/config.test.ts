import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { namedFiles } from '../../src/config/files.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { root } from '../../.ci/release/lock.ts'
import { deploymentOf, gatewayOf } from './pod.ts'
import { matrix, only, template } from './render.ts'

const run = promisify(execFile)
const env = { ...process.env, ISSUER: 'https://idp.example/realms/noc' }

test.each(matrix)('$name: the gateway accepts the configuration that the chart makes', async ({ file }) => {
  const manifests = await template(file)
  const { 'fleet.yaml': text = '' } = only(manifests, 'ConfigMap', 'gateway')['data'] as Record<
    string,
    string
  >
  const folder = await mounted(text)
  const { stdout } = await run(
    process.execPath,
    [join(root, 'src/main.ts'), '--config', join(folder, 'fleet.yaml'), '--check'],
    { env },
  )
  expect(stdout).toMatch(/fleet\.yaml: ok, \d+ regions, \d+ sources/)
  expect(stdout).not.toContain('cannot be read')
})

test.each(matrix)(
  '$name: it holds what the values say, and what is written has a volume',
  async ({ file }) => {
    const manifests = await template(file)
    const { 'fleet.yaml': text = '' } = only(manifests, 'ConfigMap', 'gateway')['data'] as Record<
      string,
      string
    >
    const { config: given } = parse(await readFile(file, 'utf8')) as { config: object }
    expect(parse(text)).toMatchObject(given)

    const mounts = (gatewayOf(manifests).volumeMounts ?? []).map(({ mountPath }) => mountPath)
    const config = parseConfig(text, '/etc/stx-fleet-gateway/fleet.yaml', env)
    expect(mounts.filter((each) => each !== '/vault')).toEqual(
      ['/etc/stx-fleet-gateway', config.upload.dir, config.state_dir].filter((each) => each !== undefined),
    )
    expect(namedFiles(config).filter(([, each]) => !each.startsWith('/etc/stx-fleet-gateway/'))).toEqual([])

    const { terminationGracePeriodSeconds: patience } = deploymentOf(manifests).template.spec
    // 10 s for what is given up, and for what is kept.
    expect((patience ?? 0) * 1_000).toBeGreaterThanOrEqual(config.drain.delay + config.drain.timeout + 10_000)
  },
)

/** The folder as the pod sees it: the configuration, and beside it the files that it names. */
async function mounted(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-chart-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'fleet.yaml')
  await writeFile(file, text)
  for (const [, named] of namedFiles(parseConfig(text, file, env))) {
    await mkdir(dirname(named), { recursive: true })
    await writeFile(named, '')
  }
  return folder
}
