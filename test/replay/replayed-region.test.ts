import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { casesOf } from './cases.ts'
import { loadReleases } from './recordings.ts'
import { createReplayedRegion } from './replayed-region.ts'
import { sentPath } from './routes.ts'
import { createScenarios } from './scenario.ts'

it.each(loadReleases())(
  '$api $release: sends what was recorded, down to the status line',
  async (release) => {
    const scenarios = createScenarios(release)
    for (const { recording, classified } of casesOf(release)) {
      if (classified.class !== 'relayed' && classified.class !== 'fault') continue
      const region = await createReplayedRegion(scenarios, recording, classified)
      const wire = await exchange(region.port, sentPath(scenarios.wording, classified.question) ?? '/')
      await region.close()

      const { answer } = recording
      if (answer === undefined) {
        expect(wire).toBe('')
        continue
      }
      const [head = '', body = ''] = wire.split('\r\n\r\n')
      const [statusLine = '', ...headers] = head.split('\r\n')
      expect(statusLine).toMatch(new RegExp(`^HTTP/${answer.httpVersion} ${answer.status} `))
      expect(headers).toEqual(answer.headers.map(([name, value]) => `${name}: ${value}`))
      expect(body).toBe(answer.body)
      expect(region.requests).toHaveLength(1)
    }
  },
)

function exchange(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: region\r\n\r\n`),
    )
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
  })
}
