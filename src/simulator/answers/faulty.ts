import type { Fault } from '../faults.ts'
import { generation } from '../region/release.ts'
import type { StxRelease } from '../region/release.ts'
import type { Answer } from './answer.ts'
import { errorOnlyAnswer, hookAnswer, keystoneDownAnswer, serverErrorAnswer } from './answer.ts'
import { textAnswer, unauthorizedAnswer } from './answer.ts'
import { negotiatedError } from './negotiation.ts'
import { pythonJson } from './pythonJson.ts'

export type Service = 'usm' | 'patching'

/** The answer as a fault makes it; faults of the transport leave it as it is. */
export function faultyAnswer(
  well: Answer,
  fault: Fault | undefined,
  asked: { service: Service; release: StxRelease; accept: string | undefined },
): Answer {
  switch (fault?.kind) {
    case 'html':
      return textAnswer(200, 'text/html; charset=utf-8', loginPage)
    case 'bad-json':
      return { ...well, body: well.body.slice(0, Math.max(1, Math.floor(well.body.length * 0.7))) }
    case 'error-200':
      return errorOnlyAnswer(fault.error ?? 'Rejected: One or more nodes are installing patches.')
    case 'redirect':
      return textAnswer(302, 'text/html; charset=UTF-8', '', [
        ['Location', fault.location ?? 'https://login.example/'],
      ])
    case 'empty-204':
      return { status: 204, headers: [], body: '' }
    case 'status':
      return statusAnswer(fault, asked)
    case 'impersonate':
      return impersonated(well, fault)
    case 'crash':
      return serverErrorAnswer(true)
    case 'refuse':
    case 'down':
    case 'black-hole':
    case 'slow':
    case 'late':
    case 'lost':
    case 'drip':
    case 'cut':
    case 'huge':
    case undefined:
      break
  }
  return well
}

const loginPage =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head>' +
  '<body><form method="post"><input name="user"><input name="password" type="password"></form></body></html>\n'

function statusAnswer(
  fault: Extract<Fault, { kind: 'status' }>,
  asked: { service: Service; release: StxRelease; accept: string | undefined },
): Answer {
  if (fault.flavour === 'keystone') return keystoneDownAnswer()
  if (fault.status === 401) return unauthorizedAnswer('http://192.168.204.1:5000')
  if (fault.status >= 500) return { ...serverErrorAnswer(), status: fault.status }
  const age = generation(asked.release)
  if (asked.service === 'usm' && age >= 12) {
    return hookAnswer(fault.status, 'Not allowed, role reader or operator is needed')
  }
  const named = asked.service === 'usm' && age === 11
  const detail = named ? 'Not allowed/Role reader or operator is needed' : ''
  return negotiatedError(fault.status, asked.accept, detail, named ? {} : { description: null })
}

/** Puts another region's name on each record; escaped: a spelling that only a JSON parser sees through. */
function impersonated(well: Answer, fault: Extract<Fault, { kind: 'impersonate' }>): Answer {
  if (well.json === undefined) return well
  const body = pythonJson(claim(well.json, fault.region_name))
  const escaped =
    fault.spelling === 'escaped' ? body.replaceAll('"region_name"', String.raw`"region\u005fname"`) : body
  return { ...well, body: escaped }
}

function claim(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => claim(item, name))
  if (value === null || typeof value !== 'object') return value
  const record = value as Record<string, unknown>
  for (const list of ['data', 'pd', 'sd'] as const) {
    const inner = record[list]
    if (Array.isArray(inner)) return { ...record, [list]: claim(inner, name) }
    if (inner !== null && typeof inner === 'object') {
      const members = Object.entries(inner).map(([id, member]) => [id, claim(member, name)])
      return { ...record, [list]: Object.fromEntries(members) }
    }
  }
  return { ...record, region_name: name }
}
