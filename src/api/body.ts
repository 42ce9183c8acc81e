import type { Context } from 'hono'
import { Readable } from 'node:stream'
import type { JsonObject } from '../model/reading.ts'
import { piecesOf, type Incoming } from './body-pieces.ts'
import { bad } from './parameters.ts'
import { Problem } from './problem.ts'
import { repeatedKey } from './repeated-key.ts'
import type { Env } from './send.ts'

/** Bytes; what calls take are a few short parameters. */
const longest = 256 * 1024
/** ms that a sender may pause. */
const longestPause = 10_000

/**
 * The parameters in a request's body: JSON or a form, as upstream takes them; none where there is no body. Throws a
 * `Problem`: 400, 408, 413 or 415.
 */
export async function bodyParameters(context: Context<Env>): Promise<JsonObject> {
  const text = await readText(context)
  if (text.trim() === '') return {}
  const type = (context.req.header('content-type') ?? 'application/json').split(';')[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return ofForm(text)
  if (type !== 'application/json') {
    throw new Problem(415, 'unsupported-media-type', 'a body here is application/json or a form')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Problem(400, 'malformed-request', 'the body is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem(400, 'malformed-request', 'the body is not a JSON object')
  }
  const twice = repeatedKey(text)
  if (twice !== undefined) throw bad(twice, 'stands twice in the body')
  return value as JsonObject
}

function ofForm(text: string): JsonObject {
  const form = new URLSearchParams(text)
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}

async function readText(context: Context<Env>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of piecesOf(incomingOf(context), longestPause)) {
    size += chunk.length
    if (size > longest) throw new Problem(413, 'too-large', `a body here is at most ${longest} bytes`)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new Problem(400, 'malformed-request', 'the body is not UTF-8')
  }
}

/** Node's own stream where there is a socket: a web stream over it costs a copy of every byte. */
export function incomingOf(context: Context<Env>): Incoming {
  return context.env?.incoming ?? context.req.raw.body ?? Readable.from([])
}
