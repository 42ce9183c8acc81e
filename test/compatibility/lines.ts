import { regionCalls } from '../../src/model/region-calls.ts'
import type { RegionCall } from '../../src/model/region-call.ts'
import type { Service } from '../../src/model/region.ts'
import { documentedCalls, furtherCalls } from './documented.ts'
import { matchWords } from './words.ts'

/**
 * One line of the document: what a client asks of one region, in words. `{id}` requires `{required}`, both stand for a
 * release or a patch; behind the path stands the body: JSON, or the `{file}` of an upload.
 */
export interface Line {
  readonly service: Service
  readonly call: RegionCall
  readonly words: string
  readonly documented: boolean
}

/** Every row of the table of calls, in its order, by each of its methods and paths and with what changes it. */
export const lines: readonly Line[] = (['usm', 'patching'] as const).flatMap((service) => {
  const documented = documentedCalls[service]
  const others = [
    ...regionCalls.filter((call) => call.service === service).flatMap(plainly),
    ...furtherCalls[service],
  ]
  const all = [...new Set([...documented, ...others])].map((words) => ({
    service,
    call: matchWords(service, words).call,
    words,
    documented: documented.includes(words),
  }))
  const placed = all.map((line, i) => ({ line, place: line.documented ? i : regionCalls.indexOf(line.call) }))
  return placed
    .toSorted((a, b) => Number(b.line.documented) - Number(a.line.documented) || a.place - b.place)
    .map(({ line }) => line)
})

function plainly({ methods, paths, limit }: RegionCall): string[] {
  const body = limit === 'upload' ? ' {file}' : ''
  return paths.flatMap((path) =>
    withFlags(path.replace('{ids}', '{id}')).flatMap((full) =>
      methods.map((method) => `${method} ${full}${body}`),
    ),
  )
}

function withFlags(path: string): string[] {
  if (!path.endsWith('/{flags}')) return [path]
  return ['', '/force', '/rollback', '/rollback/force'].map((flags) => path.replace('/{flags}', flags))
}
