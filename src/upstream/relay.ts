import type { Intent } from '../model/intent.ts'
import type { WriteTimeouts } from '../model/region-call.ts'
import { toAnswered, type Answered } from './answered.ts'
import type { Dialect } from './dialect.ts'
import { unsent, UpstreamError } from './error.ts'
import type { HttpRequest } from './http.ts'
import { isObject } from './json.ts'
import { multipartBody } from './multipart.ts'
import { CannotDo, type CallRoute, type Look, type Step } from './route.ts'
import { scanRecords } from './scan.ts'
import type { Sender } from './sender.ts'
import { oneLine } from './success.ts'

/** What became of one call of one region. */
export type Relayed =
  | {
      readonly status: 'answered'
      readonly http: number
      /** JSON; a region's own bytes where they were JSON of the documented shape. */
      readonly value: unknown
      /** Done, as far as the answer tells: a 200 with an empty error does not always say so. */
      readonly succeeded: boolean
      /** Why not; empty where it succeeded. */
      readonly error: string
    }
  /** The region's release can't do it; nothing was sent. */
  | { readonly status: 'refused'; readonly reason: string }

export interface RelayDeps {
  readonly sender: Sender
  readonly look: Look
  /** ms for each kind of write, from the first byte sent to the last received. */
  readonly writeTimeouts: WriteTimeouts
}

/** Sends one call in the region's dialect. Throws `UpstreamError`, with `sent` telling whether it may have taken effect. */
export async function relay(intent: Intent, dialect: Dialect, deps: RelayDeps): Promise<Relayed> {
  const { call } = intent
  const route = dialect.calls[call.name]
  if (route === undefined || typeof route === 'string') {
    return { status: 'refused', reason: route ?? 'its release has no such call' }
  }
  const steps = await stepsOf(route, intent, deps.look)
  if ('refused' in steps) return { status: 'refused', reason: steps.refused }
  if (steps.length === 0) {
    if (route.without === undefined) return { status: 'refused', reason: 'there is nothing to send' }
    return { status: 'answered', http: 200, value: route.without, succeeded: true, error: '' }
  }
  const done: Answered[] = []
  for (const [i, step] of steps.entries()) {
    const answer = await take(step, intent, route, deps).catch((error: unknown) => {
      throw among(steps, i, error)
    })
    done.push(answer)
    const failed = failureOf(answer, step, route)
    if (failed !== '') return { ...combine(steps, done), status: 'answered', succeeded: false, error: failed }
  }
  return { ...combine(steps, done), status: 'answered', succeeded: true, error: '' }
}

async function stepsOf(
  route: CallRoute,
  intent: Intent,
  look: Look,
): Promise<readonly Step[] | { readonly refused: string }> {
  try {
    return await route.steps(intent, look)
  } catch (error) {
    if (error instanceof CannotDo) return { refused: error.message }
    return unsent(error)
  }
}

async function take(step: Step, intent: Intent, route: CallRoute, deps: RelayDeps): Promise<Answered> {
  const { call } = intent
  const request = toRequest(step, intent)
  const what = `${step.method} ${step.path.split('?')[0]}`
  const answer =
    call.kind === 'read'
      ? await deps.sender.read(call.service, request)
      : await deps.sender.write(call.service, request, {
          total: deps.writeTimeouts[call.limit],
          toRelease: call.name === 'upload_release' || call.name === 'delete_release',
        })
  const answered = toAnswered(answer, what)
  if (answered.error !== '' || route.toDocumented === undefined) return answered
  // Keys that were given twice would be lost, unseen, in what is made anew.
  scanRecords(answer.body, 3, what)
  const value = route.toDocumented(answered.value, intent)
  if (value !== undefined) return { ...answered, value }
  const error = `${intent.ids.join(', ')} not found`
  return { http: 404, value: { info: '', warning: '', error }, error }
}

type Sent = Pick<HttpRequest, 'method' | 'path' | 'body'> & { readonly contentType?: string }

function toRequest({ method, path, body, of }: Step, { upload }: Intent): Sent {
  if (body === undefined) return { method, path }
  if (body !== 'upload') return { method, path, body: JSON.stringify(body), contentType: 'application/json' }
  if (upload === undefined) return { method, path }
  if (upload.kind === 'paths') {
    return { method, path, body: JSON.stringify(upload.paths), contentType: 'text/plain' }
  }
  // Patching takes one file at a time, in a field of this name.
  const files =
    of === undefined
      ? upload.files
      : upload.files
          .filter(({ fileName }) => fileName === of)
          .map((file) => ({ ...file, fieldName: 'file', fileName: file.fileName.split('/').at(-1) ?? '' }))
  const { contentType, ...streamed } = multipartBody(files)
  return { method, path, body: streamed, contentType }
}

/** Empty where the step is done. */
function failureOf({ error, value }: Answered, step: Step, route: CallRoute): string {
  if (error !== '') return error
  if (route.succeeded?.(value, step) ?? true) return ''
  const info = isObject(value) ? oneLine(value['info'] ?? '') : ''
  return info === '' ? 'the region did not say that it was done' : info
}

/** One answer of several: their words one after the other, and which were never sent. */
function combine(steps: readonly Step[], done: readonly Answered[]): Pick<Answered, 'http' | 'value'> {
  const [only] = done
  const last = done.at(-1)
  if (only === undefined || last === undefined) throw new Error('nothing was sent, and yet it was answered')
  if (steps.length === 1) return only
  const all = done.map(({ value }) => (isObject(value) ? value : {}))
  const words = (key: string): string =>
    all
      .map((value) => value[key])
      .filter((text): text is string => typeof text === 'string')
      .join('')
  const value: Record<string, unknown> = {
    info: words('info'),
    warning: words('warning'),
    error: words('error'),
  }
  const left = notSent(steps, done.length)
  if (left !== '') value['error'] = `${(words('error') || last.error).trimEnd()}\n${left}\n`
  return { http: last.http, value }
}

function notSent(steps: readonly Step[], from: number): string {
  const left = steps.slice(from).flatMap(({ of }) => of ?? [])
  return left.length === 0 ? '' : `Not sent: ${left.join(', ')}`
}

/** A failure midway tells what was done before it, and what was never begun. */
function among(steps: readonly Step[], at: number, error: unknown): unknown {
  if (!(error instanceof UpstreamError) || steps.length <= 1) return error
  const done = steps.slice(0, at).flatMap(({ of }) => of ?? [])
  const left = notSent(steps, at + 1)
  const message = [error.message, done.length > 0 ? `done before: ${done.join(', ')}` : '', left]
    .filter((part) => part !== '')
    .join('; ')
  const { kind, status, refused, ofService, sent } = error
  return new UpstreamError(kind, message, { status, refused, ofService, sent: sent || at > 0 })
}
