import { beforeAll, describe, expect, test } from 'vitest'
import { matrix, template, type Manifest } from './render.ts'
import { mistakesOf } from './strict.ts'

let rendered: readonly (readonly [string, readonly Manifest[]])[] = []
beforeAll(async () => {
  rendered = await Promise.all(matrix.map(async ({ name, file }) => [name, await template(file)] as const))
})

test('every manifest of every way to use the chart is what Kubernetes knows', async () => {
  expect(rendered.map(([name]) => name)).toEqual(['discovered', 'everything', 'least', 'minimal'])
  expect(await mistakesOf(rendered.flatMap(([, manifests]) => manifests))).toEqual([])
})

test('no two manifests of a release are the same object', () => {
  for (const [, manifests] of rendered) {
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
  }
})

describe('the check of manifests finds', () => {
  test('a key that does not belong there, wherever it stands', async () => {
    const [, everything = []] = rendered.find(([name]) => name === 'everything') ?? []
    const planted = everything.flatMap((manifest) => withStrayKeys(manifest))
    expect(planted.length).toBeGreaterThan(100)
    const found = (await mistakesOf(planted.map(({ copy }) => copy))).filter((each) =>
      each.includes('strayKey'),
    )
    const lines = new Set(found.map((each) => Number(each.split(':')[0])))
    const missed = planted.flatMap(({ path }, i) => (lines.has(i) ? [] : [path]))
    // Labels of any name.
    expect(missed).toEqual(['Service.spec.selector', 'Service.spec.selector'])
  })

  test('a wrong type, a missing key, a kind that does not exist', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }
    const found = await mistakesOf([
      { ...service, spec: { ports: [{ name: 'http', port: '80' }] } },
      { ...service, spec: { ports: [{ name: 'http' }] } },
      { ...service, kind: 'Servise' },
      service,
    ])
    expect(found).toEqual([
      expect.stringMatching(/^0: Type 'string' is not assignable to type 'number'/),
      expect.stringMatching(/^1: Property '"port"' is missing/),
      expect.stringMatching(/^2: Cannot find module/),
    ])
  })
})

/** Maps whose keys are anybody's. */
const anyKeys = new Set([
  'labels',
  'annotations',
  'data',
  'matchLabels',
  'nodeSelector',
  'volumeAttributes',
  'requests',
  'limits',
])

/** Copies of a manifest, each with a stray key in another of its objects. */
function withStrayKeys(manifest: Manifest): { readonly copy: Manifest; readonly path: string }[] {
  const copies: { copy: Manifest; path: string }[] = []
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Array.isArray(value) && !anyKeys.has(String(path.at(-1)))) {
      const copy = structuredClone(manifest)
      const at = path.reduce<Record<string, unknown>>(
        (it, key) => it[key] as Record<string, unknown>,
        copy as Record<string, unknown>,
      )
      at['strayKey'] = 1
      copies.push({ copy, path: [manifest.kind, ...path].join('.') })
    }
    for (const [key, each] of Object.entries(value)) visit(each, [...path, key])
  }
  visit(manifest, [])
  return copies
}
