import { readCalls } from '../../src/model/calls.ts'
import { regionCalls } from '../../src/model/region-calls.ts'

/** One request of the tables of calls: a method and a path, its places filled in. */
export interface TableCall {
  readonly method: string
  /** `/v1/release/…` */
  readonly path: string
  readonly service: 'usm' | 'patching'
  readonly kind: 'read' | 'write'
}

const filled = (path: string): string =>
  path
    .replaceAll(/\{ids?\}/g, 'starlingx-24.09.1')
    .replace('{host}', 'controller-0')
    .replace(/\/\{flags\}/, '')

/** Every row of both tables, with each of its methods and paths, once. */
export const everyCall: readonly TableCall[] = [
  ...new Map(
    [
      ...readCalls.map((call) => ({ ...call, methods: ['GET'], kind: 'read' as const })),
      ...regionCalls,
    ].flatMap(({ methods, paths, service, kind }) =>
      methods.flatMap((method) =>
        paths.map((path): [string, TableCall] => [
          `${method} ${path} ${service}`,
          { method, path: filled(path), service, kind },
        ]),
      ),
    ),
  ).values(),
]
