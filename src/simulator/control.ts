import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { answerCloud } from './cloud/control.ts'
import { faultSchema } from './faults.ts'
import { stateChangeSchema } from './region/change.ts'
import { listenerNames } from './region/listeners.ts'
import { parseStxRelease } from './region/release.ts'
import type { Simulator } from './simulator.ts'

/** The HTTP face for tests and people: the truth, faults, upgrades, changes, counters. */
export interface Control {
  readonly url: string
  close(): Promise<void>
}

const service = z.enum(listenerNames).optional()
const clearSchema = z.strictObject({ clear: z.literal(true), service })
const upgradeSchema = z.strictObject({ release: z.string() })

export async function startControl(simulator: Omit<Simulator, 'control'>, port: number): Promise<Control> {
  const server = createServer((request, response) => {
    answer(simulator, request)
      .catch((error: unknown) => ({ status: 400, body: { error: String(error) } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(`${JSON.stringify(body)}\n`)
      })
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

interface Reply {
  readonly status: number
  readonly body: unknown
}

async function answer(simulator: Omit<Simulator, 'control'>, request: IncomingMessage): Promise<Reply> {
  const [path = ''] = (request.url ?? '').split('?')
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const [root, name, action] = parts
  const { method = '' } = request
  const json = async (): Promise<unknown> => JSON.parse((await textOf(request)) || '{}')
  const ofCloud = await answerCloud(simulator.cloud, { method, path: parts, body: json })
  if (ofCloud !== undefined) return ok(ofCloud)
  if (method === 'GET' && name === undefined) {
    if (root === 'regions') return ok(simulator.regions())
    if (root === 'truth') return ok(simulator.truth())
    if (root === 'requests') return ok(simulator.requests())
  }
  if (method === 'DELETE' && path === '/requests') {
    simulator.resetRequests()
    return ok({})
  }
  if (method === 'POST' && root === 'regions' && name !== undefined) {
    const body = await json()
    if (action === 'fault') return ok(await setFault(simulator, name, body))
    if (action === 'state') return ok(simulator.change(name, stateChangeSchema.parse(body)) ?? {})
    if (action === 'upgrade') {
      await simulator.upgrade(name, parseStxRelease(upgradeSchema.parse(body).release))
      return ok({})
    }
  }
  return { status: 404, body: { error: `no ${method} ${path}` } }
}

async function setFault(
  simulator: Omit<Simulator, 'control'>,
  name: string,
  body: unknown,
): Promise<Record<string, never>> {
  const clear = clearSchema.safeParse(body)
  if (clear.success) {
    await simulator.clearFault(name, clear.data.service)
    return {}
  }
  const { service: which, ...fault } = z.looseObject({ service }).parse(body)
  await simulator.setFault(name, faultSchema.parse(fault), which)
  return {}
}

function ok(body: unknown): Reply {
  return { status: 200, body }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
