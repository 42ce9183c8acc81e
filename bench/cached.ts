import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { mergedBody, regionName, releaseBody, releaseRecords } from './bodies.ts'
import { startGateway, type ListedRegion, type RunningGateway } from './gateway.ts'
import { startNginx, type RunningNginx } from './peers/nginx.ts'
import { loadOf, type Asked, type Load, type Served } from './peers/wrk.ts'
import { interleaved, medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes, freshIn, sha256 } from './requests.ts'
import { onStage, type Stage } from './stage.ts'

interface CachedOptions {
  readonly regions: number
  readonly rounds: number
  readonly seconds: number
}

type Coding = Load['encoding']
interface Round {
  readonly ours: Served
  readonly peer: Served
}

const releases = 20
const callers = 8
const groups = 50
const wanted: Coding[] = ['identity', 'gzip']

/**
 * The whole fleet from what is held, its token checked each time, against nginx that sends the same bytes from files.
 * Eight callers ask in turn, each of whom may see another 98 % of the regions; between rounds a region changes.
 */
export function benchCached(options: CachedOptions): Promise<Ratio[]> {
  return onStage((stage) => compare(stage, options))
}

async function compare(stage: Stage, { regions: count, rounds, seconds }: CachedOptions): Promise<Ratio[]> {
  const origin = await startNginx(stage, 'origin')
  const fleet = Array.from({ length: count }, (_, i) => {
    const name = regionName(i)
    origin.write(`a/${name}`, releaseBody(i, releases))
    return { name, group: `g${i % groups}`, records: releaseRecords(i, releases) }
  })
  const regions = fleet.map(({ name, group }): ListedRegion => {
    return { region_name: name, usm: `${origin.url}/still/${name}`, labels: { group } }
  })
  const gateway = await startGateway(stage, { regions })
  const nginx = await startNginx(stage, 'files')
  const tokens = Array.from({ length: callers }, (_, k) => {
    const seen = Array.from({ length: groups }, (_, g) => `group:g${g}`).filter((_, g) => g !== k)
    return gateway.caller(['reader'], seen)['authorization']?.slice('Bearer '.length) ?? ''
  })

  const measured: Record<Coding, Round[]> = { identity: [], gzip: [] }
  for (let round = 0; round < rounds; round++) {
    const changed = Math.floor(Math.random() * count)
    const region = fleet[changed]
    if (region === undefined) break
    region.records = releaseRecords(changed, releases, `of round ${round}`)
    origin.write(`a/${region.name}`, releaseBody(changed, releases, `of round ${round}`))
    const live = `${gateway.url}/v1/release?max_age=0&region_name=${region.name}`
    freshIn(await fetchBytes(live, gateway.caller(['operator'])))

    // A path of its own in each round: nginx keeps what it opened.
    const folder = join(stage.folder, 'files/files', String(round))
    mkdirSync(folder)
    for (const [k, token] of tokens.entries()) {
      const visible = fleet.filter(({ group }) => group !== `g${k}`)
      await checkEqual(gateway, nginx, `${round}/${k}`, token, mergedBody(visible), visible.length)
    }
    const files = tokens.map((token, k): Asked => ({ path: `/${round}/${k}`, token }))
    const asked = tokens.map((token): Asked => ({ path: '/v1/release', token }))
    for (const encoding of wanted) {
      const load = { encoding, connections: 4, seconds } as const
      const ours: Load = { ...load, url: gateway.url, server: gateway.process, requests: asked }
      const peer: Load = { ...load, url: nginx.url, server: nginx.process, requests: files }
      const both = [() => loadOf(ours), () => loadOf(peer)] as const
      measured[encoding].push(...(await interleaved(1, ...both, round)))
    }
    rmSync(folder, { recursive: true })
  }
  return wanted.map((encoding) => ratioFor(encoding, count, measured[encoding]))
}

/** Writes the files of one caller, and checks what both send: the bytes expected, ours compressed by ourselves. */
async function checkEqual(
  gateway: RunningGateway,
  nginx: RunningNginx,
  file: string,
  token: string,
  expected: Buffer,
  fresh: number,
): Promise<void> {
  const get = (url: string, coding: Coding): ReturnType<typeof fetchBytes> =>
    fetchBytes(url, { authorization: `Bearer ${token}`, 'accept-encoding': coding })
  nginx.write(file, expected)
  const plain = await get(`${gateway.url}/v1/release`, 'identity')
  if (freshIn(plain) !== fresh) throw new Error(`only ${freshIn(plain)} of ${fresh} regions were fresh`)
  const gzip = await get(`${gateway.url}/v1/release`, 'gzip')
  nginx.write(`${file}.gz`, gzip.body)
  const theirs = await get(`${nginx.url}/${file}`, 'identity')
  const theirGzip = await get(`${nginx.url}/${file}`, 'gzip')
  if (gzip.headers['content-encoding'] !== 'gzip' || theirGzip.headers['content-encoding'] !== 'gzip')
    throw new Error('not compressed')
  const content = new Set([expected, plain.body, theirs.body, gunzipSync(gzip.body)].map(sha256))
  if (content.size !== 1 || sha256(gzip.body) !== sha256(theirGzip.body))
    throw new Error(`what the gateway and nginx send for caller ${file} differs`)
}

function ratioFor(encoding: Coding, count: number, measured: readonly Round[]): Ratio {
  const gzip = encoding === 'gzip'
  const bytes = medianOf(measured.map(({ ours }) => ours.bytes))
  const told = (of: 'ours' | 'peer'): string => {
    const rate = medianOf(measured.map((round) => round[of].rate)).toFixed(0)
    return `${rate} a second (${medianOf(measured.map((round) => round[of].cpu)).toFixed(1)} ms CPU each)`
  }
  return ratioOf(
    `cached read of ${count} regions, ${gzip ? 'gzip, against nginx gzip_static' : 'plain, against nginx'} sending the same bytes from files (times as many)`,
    { atLeast: 1 },
    measured.map(({ ours, peer }) => ours.rate / peer.rate),
    `${releases} releases each, ${(bytes / 1e6).toFixed(1)} MB${gzip ? ' (the .gz file holds our own)' : ''}, ${callers} callers in turn over 4 connections: ${told('ours')} against ${told('peer')}`,
  )
}
