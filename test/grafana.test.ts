import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dashboards, textOf } from '../config/grafana/dashboards.ts'

const folder = join(import.meta.dirname, '../config/grafana/dashboards')

interface Shown {
  readonly type: string
  readonly title?: string
  readonly description?: string
  readonly gridPos?: { readonly w: number }
  readonly targets?: readonly { readonly expr: string }[]
  readonly panels?: readonly Shown[]
  readonly fieldConfig?: {
    readonly defaults: {
      readonly noValue?: string
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null }[] }
    }
  }
}

test('there is a file for each dashboard, and no other', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(dashboards).toSorted())
})

describe.each(Object.entries(dashboards))('%s', (file, make) => {
  const board = make() as unknown as {
    readonly uid: string
    readonly panels: readonly Shown[]
    readonly templating: { readonly list: readonly { readonly name: string }[] }
  }
  const panels = board.panels
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .filter(({ type }) => type !== 'row')

  test('is what `npm run docs:dashboards` writes', () => {
    expect(readFileSync(join(folder, file), 'utf8')).toBe(textOf(make()))
  })

  test('explains every panel, and shows nothing for what is unknown', () => {
    expect(panels.length).toBeGreaterThan(5)
    for (const { title, description, fieldConfig } of panels) {
      expect([title, (description ?? '').length > 10, fieldConfig?.defaults.noValue]).toEqual([
        title,
        true,
        expect.stringMatching(/^(unknown|none)$/),
      ])
    }
  })

  test('uses the variables that it has, and has those that it uses', () => {
    const text = textOf(make())
    const used = [...text.matchAll(/\$\{?(\w+)\}?/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => !name.startsWith('__'))
    const names = board.templating.list.map(({ name }) => name)
    expect(new Set(used)).toEqual(new Set(names))
  })

  test('has thresholds that rise', () => {
    for (const { title, fieldConfig } of panels) {
      const values = (fieldConfig?.defaults.thresholds?.steps ?? []).slice(1).map(({ value }) => value ?? NaN)
      expect([title, values]).toEqual([title, values.toSorted((a, b) => a - b)])
    }
  })
})
