import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { differences, shapeOf } from './jsonShape.ts'
import type { RawAnswer } from './rawHttp.ts'

/** An exchange with a real Keystone. */
export interface KeystoneExchange {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | null
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}

const folder = join(import.meta.dirname, '../fixtures/recorded-keystone')

/** By the name of its file without `.json`. */
export function recordedKeystone(): ReadonlyMap<string, KeystoneExchange> {
  return new Map(
    readdirSync(folder).map((file) => [
      file.replace('.json', ''),
      JSON.parse(readFileSync(join(folder, file), 'utf8')) as KeystoneExchange,
    ]),
  )
}

/** How an answer differs from the recorded one: status, header names in their order, body. */
export function differencesFrom({ response }: KeystoneExchange, actual: RawAnswer): string[] {
  const found: string[] = []
  if (actual.status !== response.status) found.push(`status ${actual.status}, recorded ${response.status}`)
  const names = nameList(actual.headers.map(([name]) => name))
  const recorded = nameList(Object.keys(response.headers))
  if (names !== recorded) found.push(`headers ${names}, recorded ${recorded}`)
  if (response.status < 400 && response.body !== '') {
    const shapes = [actual.body, response.body].map((text) => shapeOf([JSON.parse(text)]))
    const [said = new Map(), allowed = new Map()] = shapes
    return [...found, ...differences(said, allowed)]
  }
  const [said, wanted] = [actual.body, response.body].map(withoutChance)
  if (said !== wanted) found.push(`body ${said}, recorded ${wanted}`)
  return found
}

/** What the server before Keystone adds is not Keystone's. */
function nameList(names: readonly string[]): string {
  const own = names.map((name) => name.toLowerCase())
  return own.filter((name) => !['date', 'server', 'connection'].includes(name)).join(' ')
}

function withoutChance(text: string): string {
  return text.replaceAll(/user: [0-9a-f]{32}/g, 'user: ID')
}
