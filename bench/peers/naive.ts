import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The gateway that one writes in an afternoon: naive.ts REGIONS.json. No token, no check, no deadline, no cache: each
 * request fetches every region, parses, adds `region_name`, and writes it all again.
 */
const regions = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  readonly region_name: string
  readonly usm: string
}[]

async function merged(): Promise<string> {
  const lists = await Promise.all(
    regions.map(async ({ region_name, usm }) => {
      const answer = await fetch(`${usm}/v1/release`)
      const records = (await answer.json()) as object[]
      return records.map((record) => ({ region_name, ...record }))
    }),
  )
  return JSON.stringify(lists.flat())
}

const server = createServer((_, response) => {
  merged().then(
    (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body),
    (error: unknown) => response.writeHead(502).end(String(error)),
  )
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
