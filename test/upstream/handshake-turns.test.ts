import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createHttp } from '../../src/upstream/http.ts'
import { createHandshakeTurns } from '../../src/upstream/handshake-turns.ts'
import { createCertificate } from '../support/certificate.ts'
import { answer } from '../support/raw-region.ts'
import { failureOf } from './failure-of.ts'
import { createHttpSetup, getting, limits } from './http-setup.ts'

const { region } = createHttpSetup()
const certificate = createCertificate('IP:127.0.0.1')

test('no more are under way than may be; the next one begins as one ends, in the order of asking', () => {
  const turns = createHandshakeTurns(2, 60_000)
  const begun: string[] = []
  const done = new Map<string, () => void>()
  for (const name of ['a', 'b', 'c', 'd']) {
    turns((end) => {
      begun.push(name)
      done.set(name, end)
    })
  }
  expect(begun).toEqual(['a', 'b'])
  done.get('b')?.()
  // A second word about the same one makes no more room.
  done.get('b')?.()
  expect(begun).toEqual(['a', 'b', 'c'])
  done.get('a')?.()
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
})

test('one that goes on for long keeps nobody waiting', async () => {
  const turns = createHandshakeTurns(1, 20)
  turns(() => undefined)
  await new Promise<void>((resolve) => turns(() => resolve()))
})

test('thousands that lost their connection while they waited are all told, one after the other', () => {
  const turns = createHandshakeTurns(1, 60_000)
  let end = (): void => undefined
  turns((done) => (end = done))
  let over = 0
  for (let i = 0; i < 20_000; i++) {
    turns((done) => {
      over++
      done()
    })
  }
  end()
  expect(over).toBe(20_000)
})

test('what waits goes on in its own name', () => {
  const name = new AsyncLocalStorage<string>()
  const turns = createHandshakeTurns(1, 60_000)
  let end = (): void => undefined
  let begunAs: string | undefined
  name.run('first', () => turns((done) => (end = done)))
  name.run('second', () => turns(() => (begunAs = name.getStore())))
  name.run('first', end)
  expect(begunAs).toBe('second')
})

test('to wait for a turn does not count as connecting', async () => {
  const silent = await region(() => undefined)
  const front = await region((socket) => socket.end(answer('[]')), { tls: certificate })
  const create = createHttp(
    { ...limits, connectTimeout: 300 },
    certificate.cert,
    createHandshakeTurns(1, 60_000),
  )
  // It holds the turn for as long as it may, which is as long as the others have.
  const hung = create(new URL(`https://127.0.0.1:${silent.port}`))
  const healthy = [create(front.url), create(front.url)]
  const [failure, ...answers] = await Promise.all([
    failureOf(hung.send(getting('/v1/release'))),
    ...healthy.map((client) => client.send(getting('/v1/release'))),
  ])
  expect(failure).toMatchObject({
    kind: 'timeout',
    message: expect.stringMatching(/no connection within 0\.3 s/),
  })
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  for (const client of [hung, ...healthy]) client.close()
})

test.each([
  ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
  ['ends the connection', (socket: Socket) => socket.end()],
])(
  'a region that %s while it waits makes room for the next, and is told as unreachable',
  async (_, leave) => {
    const silent = await region(() => undefined)
    const gone = createServer(leave).listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const front = await region((socket) => socket.end(answer('[]')), { tls: certificate })
    const create = createHttp(
      { ...limits, connectTimeout: 300 },
      certificate.cert,
      createHandshakeTurns(1, 60_000),
    )
    const ports = [silent.port, (gone.address() as AddressInfo).port, front.port]
    const clients = ports.map((port) => create(new URL(`https://127.0.0.1:${port}`)))
    const [ofHung, ofGone, ofFront] = await Promise.allSettled(
      clients.map((client) => client.send(getting('/v1/release'))),
    )
    expect(ofHung).toMatchObject({ reason: { kind: 'timeout' } })
    expect(ofGone).toMatchObject({ reason: { kind: 'unreachable' } })
    expect(ofFront).toMatchObject({ value: { status: 200 } })
    for (const client of clients) client.close()
    gone.close()
  },
)
