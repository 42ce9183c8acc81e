import { isObject, parseJson } from '../../replay/json.ts'
import type { Recording } from '../../replay/recordings.ts'
import { pathOf } from '../../replay/scenario.ts'
import type { Scenarios } from '../../replay/scenario.ts'
import { withFlagsInOrder } from './sends.ts'
import type { Send } from './sends.ts'

/** The one of several sends that goes to this path. */
export function sendAt(sends: readonly Send[], path: string): Send | undefined {
  const asked = withFlagsInOrder(decodeURIComponent(pathOf(path)).replace(/\/$/, ''))
  return sends.find((send) => send.path === asked)
}

/** What a region that answered for several patches at once would say about one: the lines that name it. */
export function answerToPart(
  recording: Recording,
  sends: readonly Send[],
  { of }: Pick<Send, 'of'> = {},
): Recording {
  const { answer } = recording
  const json = parseJson(answer?.body ?? '')
  if (sends.length < 2 || of === undefined || answer === undefined || !isObject(json)) return recording
  const info = typeof json['info'] === 'string' ? json['info'] : ''
  const lines = info.split('\n').filter((line) => line.split(' ').includes(of))
  if (lines.length === 0) return recording
  const body = JSON.stringify({ ...json, info: lines.map((line) => `${line}\n`).join('') })
  return { ...recording, answer: { ...answer, body } }
}

const doneWords: Readonly<Record<string, RegExp>> = {
  apply: / is (now|already) in the repo/,
  remove: / (has been removed from|is not in) the repo/,
  delete: / has been deleted/,
}

/** Whether Patching's answer says that its one patch is where it should be. */
export function saysDone(verb: string, { answer }: Recording): boolean {
  const json = parseJson(answer?.body ?? '')
  if (answer?.status !== 200 || !isObject(json) || (json['error'] ?? '') !== '') return false
  return typeof json['info'] === 'string' && (doneWords[verb] ?? /./).test(json['info'])
}

/** For each patch that the region knows, all that it requires, directly or not. */
export function requiredBy(scenarios: Scenarios, scenario: string): (id: string) => ReadonlySet<string> {
  const json = parseJson(scenarios.answer(scenario, '/v1/query').answer?.body ?? '')
  const patches = isObject(json) && isObject(json['pd']) ? json['pd'] : {}
  return (id) => {
    const found = new Set<string>()
    const waiting = [id]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const patch = patches[next]
      const required = isObject(patch) && Array.isArray(patch['requires']) ? patch['requires'] : []
      for (const each of required.map(String).filter((one) => !found.has(one))) {
        found.add(each)
        waiting.push(each)
      }
    }
    return found
  }
}
