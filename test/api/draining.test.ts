import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { listen, type Listener } from '../../src/api/listen.ts'
import { createCertificate } from '../support/certificate.ts'
import { callRaw, type RawCaller } from '../support/raw-caller.ts'
import { until } from '../support/simulated-fleet.ts'

// What stands on a connection when its listener takes nothing new any more: answered as a whole, or never begun.

interface Place {
  readonly listener: Listener
  /** Paths of the requests that were begun, in order. */
  readonly begun: readonly string[]
  /** Answers the request of this path. */
  readonly reply: (path: string, body?: string) => void
}

/** A listener whose requests wait until the test answers them. */
async function createPlace(tls?: { cert: string; key: string }): Promise<Place> {
  const begun: string[] = []
  const waiting = new Map<string, (body: string) => void>()
  const app = {
    fetch(request: Request) {
      const { pathname } = new URL(request.url)
      begun.push(pathname)
      return new Promise<Response>((resolve) => waiting.set(pathname, (body) => resolve(new Response(body))))
    },
  }
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-draining-'))
  const files = { cert_file: join(folder, 'cert.pem'), key_file: join(folder, 'key.pem') }
  if (tls) await writeFile(files.cert_file, tls.cert)
  if (tls) await writeFile(files.key_file, tls.key)
  const listener = await listen(app, { host: '127.0.0.1', port: 0, ...(tls && { tls: files }) })
  onTestFinished(async () => {
    await listener.close()
    await rm(folder, { recursive: true })
  })
  return { listener, begun, reply: (path, body = path) => waiting.get(path)?.(body) }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: gateway\r\n\r\n`

async function call({ listener }: Place, ca?: string): Promise<RawCaller> {
  const caller = await callRaw(listener.url, ca)
  onTestFinished(() => caller.leave())
  return caller
}

const closes = async (caller: RawCaller): Promise<unknown> => {
  const answer = await caller.answer()
  return answer && [answer.status, answer.body, answer.headers.get('connection'), answer.whole]
}

test('two requests of one connection are under way: both are answered, and the second says that it is the last', async () => {
  const place = await createPlace()
  const caller = await call(place)
  caller.write(get('/a') + get('/b'))
  await until(() => place.begun.length === 2)
  place.listener.retire()
  const drained = place.listener.drain()
  place.reply('/b')
  place.reply('/a')
  expect(await closes(caller)).toEqual([200, '/a', 'keep-alive', true])
  expect(await closes(caller)).toEqual([200, '/b', 'close', true])
  await caller.ended
  await drained
})

test('what comes after the last answer of a connection is never begun: nobody would be told of it', async () => {
  const place = await createPlace()
  const caller = await call(place)
  place.listener.retire()
  caller.write(get('/a') + get('/b'))
  await until(() => place.begun.length > 0)
  caller.write(get('/c'))
  // That one is read too.
  const other = await call(place)
  other.write(get('/d'))
  await until(() => place.begun.includes('/d'))
  place.reply('/a')
  expect(await closes(caller)).toEqual([200, '/a', 'close', true])
  expect(await closes(caller)).toBeUndefined()
  expect(place.begun).toEqual(['/a', '/d'])
})

test('what is not HTTP takes the place of no answer that is owed: it could be that of a write', async () => {
  const place = await createPlace()
  const caller = await call(place)
  caller.write(get('/a') + 'not HTTP at all\r\n\r\n')
  await until(() => place.begun.length === 1)
  caller.write(get('/b'))
  const other = await call(place)
  other.write(get('/c'))
  await until(() => place.begun.includes('/c'))
  place.reply('/a')
  expect(await caller.answer()).toMatchObject({ status: 200, body: '/a', whole: true })
  await caller.ended
  expect(place.begun).toEqual(['/a', '/c'])
})

test.each(['before', 'after'])(
  'an answer that its caller reads slowly comes as a whole, with the head sent %s',
  async (when) => {
    const place = await createPlace()
    const caller = await call(place)
    caller.write(get('/large'))
    await until(() => place.begun.length === 1)
    const readOn = caller.stall()
    const body = 'x'.repeat(16 * 2 ** 20)
    if (when === 'before') place.reply('/large', body)
    // All that can be done with it was done once another is answered.
    const other = await call(place)
    other.write(get('/other'))
    await until(() => place.begun.length === 2)
    place.reply('/other')
    await other.answer()
    const drained = place.listener.drain()
    if (when === 'after') place.reply('/large', body)
    readOn()
    const answer = await caller.answer()
    expect([answer?.whole, answer?.body.length]).toEqual([true, body.length])
    await drained
  },
)

test('half of a head, and a connection without a word, hold nothing', async () => {
  const place = await createPlace()
  const [half, silent] = [await call(place), await call(place)]
  half.write('GET /a HTTP/1.1\r\nHost: gat')
  const other = await call(place)
  other.write(get('/b'))
  await until(() => place.begun.length === 1)
  place.reply('/b')
  await other.answer()
  await place.listener.drain()
  await Promise.all([half.ended, silent.ended, other.ended])
  expect([half.received(), silent.received(), place.begun]).toEqual(['', '', ['/b']])
})

test('a handshake that does not go on holds nothing, and one that ends late begins nothing', async () => {
  const certificate = createCertificate('IP:127.0.0.1')
  const place = await createPlace(certificate)
  const port = Number(new URL(place.listener.url).port)
  const silent = connect(port, '127.0.0.1')
  await once(silent, 'connect')
  const known = await call(place, certificate.cert)
  known.write(get('/a'))
  await until(() => place.begun.length === 1)
  const drained = place.listener.drain()
  await once(silent, 'close')
  place.reply('/a')
  expect(await closes(known)).toEqual([200, '/a', 'close', true])
  await drained
  await expect(once(connectTls({ port, host: '127.0.0.1' }), 'secureConnect')).rejects.toThrow('ECONNREFUSED')
})
