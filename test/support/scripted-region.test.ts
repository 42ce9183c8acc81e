import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createScriptedRegion } from './scripted-region.ts'
import type { RegionReply, ScriptedRegion } from './scripted-region.ts'

let region: ScriptedRegion

afterEach(() => region.close())

async function play(reply: RegionReply): Promise<void> {
  region = await createScriptedRegion(() => reply)
}

/** Everything that comes back for one request, or the code of the error that the connection ended with. */
function ask(text: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(region.port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}

it('answers in the HTTP version, with the headers and the bytes of its script, and logs the request', async () => {
  await play({ status: 503, httpVersion: '1.1', headers: [['connection', 'close']], body: '<html>' })
  const wire = await ask('GET /v1/release HTTP/1.1\r\nHost: east\r\nAccept: application/json\r\n\r\n')
  expect(wire).toBe(
    'HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nContent-Length: 6\r\n\r\n<html>',
  )
  expect(region.requests).toEqual([
    {
      method: 'GET',
      path: '/v1/release',
      httpVersion: '1.1',
      headers: { host: 'east', accept: 'application/json' },
      body: '',
      bytes: Buffer.alloc(0),
    },
  ])
})

it('ends the connection without a byte, resets it, or cuts an answer short', async () => {
  await play('close')
  expect(await ask('GET / HTTP/1.1\r\n\r\n')).toBe('')
  await region.close()
  await play('reset')
  expect(await ask('GET / HTTP/1.1\r\n\r\n')).toBe('ECONNRESET')
  await region.close()
  await play({ status: 200, body: '[1, 2]', cutAfter: 2 })
  expect(await ask('GET / HTTP/1.1\r\n\r\n')).toBe('HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\n[1')
})

it('counts how many connections waited at once, also those that never asked', async () => {
  await play({ status: 200 })
  const idle = connect(region.port, '127.0.0.1')
  await new Promise((resolve) => idle.once('connect', resolve))
  await ask('GET / HTTP/1.1\r\n\r\n')
  await ask('GET / HTTP/1.1\r\n\r\n')
  expect(region.maxConcurrent()).toBe(2)
  idle.destroy()
})
