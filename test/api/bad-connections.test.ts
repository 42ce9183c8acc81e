import { gzipSync } from 'node:zlib'
import { describe, test } from 'vitest'
import type { Play } from '../support/raw-region.ts'
import { releasesOfStx10 } from '../upstream/bodies.ts'
import { answers, release, sends, useFleet, type BadInput } from './bad-input.ts'

// What a region may do to a connection, seen from the other end: by who reads the whole fleet.

const head = (...lines: readonly string[]): string => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n')
const half = releasesOfStx10.slice(0, 40)

/** The bytes are to arrive before the reset does. */
const thenReset =
  (bytes: string): Play =>
  (socket) =>
    socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 20))

/** Writes this again and again, as long as the other side takes it. */
const pours =
  (opening: string, chunk: Buffer): Play =>
  (socket) => {
    const pour = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.write(opening)
    socket.on('drain', pour)
    pour()
  }

/** Writes this every 50 ms. */
const drips =
  (opening: string, drop: string): Play =>
  (socket) => {
    socket.write(opening)
    const timer = setInterval(() => socket.write(drop), 50)
    socket.on('close', () => clearInterval(timer))
  }

const cut: readonly BadInput[] = [
  {
    name: 'less than its Content-Length, then the end',
    does: sends(head('Content-Length: 900') + half),
    kind: 'broken',
    says: /cut off midway/,
  },
  {
    name: 'chunks without the last one, then the end',
    does: sends(`${head('Transfer-Encoding: chunked')}${half.length.toString(16)}\r\n${half}\r\n`),
    kind: 'broken',
    says: /cut off midway/,
  },
  {
    name: 'half of an HTTP/1.0 answer that the end delimits',
    does: sends(`HTTP/1.0 200 OK\r\n\r\n${half}`),
    kind: 'malformed',
    says: /not JSON/,
  },
  {
    name: 'half of an answer, then a reset',
    does: thenReset(head('Content-Length: 900') + half),
    kind: 'broken',
  },
  { name: 'half of a head, then the end', does: sends('HTTP/1.1 200 OK\r\nContent-Le'), kind: 'broken' },
  { name: 'the end before a byte', does: (socket) => socket.end(), kind: 'unreachable' },
  { name: 'a reset before a byte', does: (socket) => socket.resetAndDestroy(), kind: 'unreachable' },
]

const notHttp: readonly BadInput[] = [
  { name: 'SSH', does: sends('SSH-2.0-OpenSSH_9.2p1\r\n'), kind: 'malformed', says: /not HTTP/ },
  { name: 'HTML without a head', does: sends('<html></html>'), kind: 'malformed', says: /not HTTP/ },
  {
    name: 'two lengths that differ',
    does: sends(`${head('Content-Length: 2', 'Content-Length: 3')}[] `),
    kind: 'broken',
  },
  {
    name: 'one length twice',
    does: sends(`${head('Content-Length: 2', 'Content-Length: 2')}[]`),
    kind: 'broken',
  },
  {
    name: 'a length and chunks',
    does: sends(`${head('Content-Length: 2', 'Transfer-Encoding: chunked')}2\r\n[]\r\n0\r\n\r\n`),
    kind: 'broken',
  },
  { name: 'a negative length', does: sends(`${head('Content-Length: -2')}[]`), kind: 'malformed' },
  {
    name: 'a chunk size that is no number',
    does: sends(`${head('Transfer-Encoding: chunked')}xx\r\n`),
    kind: 'malformed',
  },
]

// Members laid end to end are one gzip stream: 64 MiB of spaces in 65 KB.
const bomb = Buffer.concat(Array.from({ length: 64 }, () => gzipSync(Buffer.alloc(2 ** 20, ' '))))

const large: readonly BadInput[] = [
  {
    name: 'a gzip bomb',
    does: answers(bomb, { headers: ['Content-Encoding: gzip'] }),
    kind: 'too_large',
    says: /more than 1048576 bytes once inflated/,
  },
  {
    name: 'a gigabyte, announced',
    does: (socket) => socket.write(head(`Content-Length: ${2 ** 30}`)),
    kind: 'too_large',
    says: /more than 1048576 bytes/,
  },
  {
    name: 'a body without an end',
    does: pours('HTTP/1.0 200 OK\r\n\r\n', Buffer.alloc(2 ** 16, ' ')),
    kind: 'too_large',
    says: /more than 1048576 bytes/,
  },
  {
    name: 'chunks without an end',
    does: pours(
      head('Transfer-Encoding: chunked'),
      Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(2 ** 16, ' '), Buffer.from('\r\n')]),
    ),
    kind: 'too_large',
    says: /more than 1048576 bytes/,
  },
  {
    name: 'headers without an end',
    does: pours('HTTP/1.1 200 OK\r\n', Buffer.from(`X: ${'x'.repeat(997)}\r\n`)),
    kind: 'too_large',
    says: /headers beyond measure/,
  },
  {
    name: 'one header of 100 KB',
    does: answers('[]', { headers: [`X: ${'x'.repeat(100_000)}`] }),
    kind: 'too_large',
  },
]

const slow: readonly BadInput[] = [
  {
    name: 'accepted, and never answered',
    does: () => undefined,
    kind: 'timeout',
    says: /no answer within 2 s/,
    at: [release],
  },
  {
    name: 'a head, and then nothing',
    does: (socket) => socket.write(head('Content-Length: 9')),
    kind: 'timeout',
    says: /the answer stopped for 2 s/,
    at: [release],
  },
  {
    name: 'half of an answer, and then nothing',
    does: (socket) => socket.write(head('Content-Length: 900') + half),
    kind: 'timeout',
    says: /the answer stopped for 2 s/,
    at: [release],
  },
  {
    name: 'a byte now and then',
    does: drips(head('Content-Length: 9000'), ' '),
    kind: 'timeout',
    says: /not finished within 3 s/,
    at: [release],
  },
  {
    name: 'a byte of its head now and then',
    does: drips('HTTP/1.1 200 OK\r\nX: ', 'x'),
    kind: 'timeout',
    says: /no answer within 2 s/,
    at: [release],
  },
  {
    name: 'interim answers without an end',
    does: drips('', 'HTTP/1.1 103 Early Hints\r\n\r\n'),
    kind: 'timeout',
    says: /no answer within 2 s/,
    at: [release],
  },
]

const limits = {
  connect_timeout: '2s',
  first_byte_timeout: '2s',
  idle_timeout: '2s',
  read_timeout: '3s',
}

describe('at once', () => {
  const fleet = useFleet([...cut, ...notHttp, ...large], { max_response: '1MiB' })

  test.each(cut)('cut off, $name: $kind', (input) => fleet.expectKeptApart(input))
  test.each(notHttp)('not HTTP, $name: $kind', (input) => fleet.expectKeptApart(input))
  test.each(large)('too much, $name: $kind', (input) => fleet.expectKeptApart(input))
})

describe('within its limit', () => {
  const fleet = useFleet(slow, limits)

  test.concurrent.each(slow)('$name: $kind', (input) => fleet.expectKeptApart(input))
})
