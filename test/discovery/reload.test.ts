import { writeFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startDiscovering } from '../support/discovering-gateway.ts'
import { subcloudEntry } from '../support/scripted-central.ts'
import { until } from '../support/simulated-fleet.ts'

const nowhere = 'http://127.0.0.1:1'

test('a reload asks a source anew where its settings, its account or the way to it changed, else not', async () => {
  const { central, passwordFile, gateway, reload, close } = await startDiscovering(
    { interval: '1h', endpoints: { usm: `${nowhere}/{ip}` } },
    ({ says }) => void (says.subclouds = { subclouds: [subcloudEntry(1)] }),
  )
  onTestFinished(close)
  const asked = (path: string): number => central.requests.filter((each) => each.path === path).length
  const logins = (): number => asked('/v3/auth/tokens')
  const found = async (): Promise<unknown> =>
    ((await (await fetch(`${gateway.adminUrl}/discovery`)).json()) as { sources: unknown }).sources
  await until(() => asked('/v1.0/subcloud-groups') === 1)
  await until(async () => JSON.stringify(await found()).includes('"regions":1'))
  const before = await found()

  await reload({ regions: [{ region_name: 'by-hand', usm: nowhere }], refresh: { interval: '2s' } })
  expect(await found()).toEqual(before)
  await reload({ regions: [] })
  expect(await found()).toEqual(before)
  expect([logins(), asked('/v1.0/subclouds')]).toEqual([1, 1])

  central.says.password = 'another password'
  await writeFile(passwordFile, central.says.password)
  await reload()
  await until(() => logins() === 2 && asked('/v1.0/subclouds') === 2)
  await reload({ upstream: { read_timeout: '20s' } })
  await until(() => logins() === 3 && asked('/v1.0/subclouds') === 3)
  await reload({ upstream: { read_timeout: '20s' }, credentials_for: [{ labels: {}, credentials: 'none' }] })
  await until(() => logins() === 4 && asked('/v1.0/subclouds') === 4)
})
