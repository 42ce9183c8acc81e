import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { regionName, releaseBody } from './bodies.ts'
import { startGateway, type ListedRegion } from './gateway.ts'
import { startNginx } from './peers/nginx.ts'
import { loadOf, type Load } from './peers/wrk.ts'
import { interleaved, medianOf, ratioOf, type Ratio } from './ratio.ts'
import { fetchBytes, freshIn, sha256 } from './requests.ts'
import { onStage, type Stage } from './stage.ts'

/** The bound for bodies that all change between two reads, and for bodies that do not. */
const bounds = { changing: 2, still: 9 } as const
type Kind = keyof typeof bounds

interface NaiveOptions {
  readonly kinds: readonly Kind[]
  readonly regions: number
  readonly rounds: number
  readonly seconds: number
}

const path = '/v1/release?max_age=0&deadline=60s'

/** Live reads of the whole fleet, one after the other, against the gateway that one writes in an afternoon. */
export async function benchNaive(options: NaiveOptions): Promise<Ratio[]> {
  const ratios: Ratio[] = []
  for (const kind of options.kinds) ratios.push(await onStage((stage) => compare(stage, kind, options)))
  return ratios
}

async function compare(
  stage: Stage,
  kind: Kind,
  { regions: count, rounds, seconds }: NaiveOptions,
): Promise<Ratio> {
  const origin = await startNginx(stage, 'origin')
  const regions = Array.from({ length: count }, (_, i): ListedRegion & { usm: string } => ({
    region_name: regionName(i),
    usm: `${origin.url}/${kind}/${regionName(i)}`,
  }))
  for (const [i, { region_name }] of regions.entries())
    for (const edition of ['a', 'b']) origin.write(`${edition}/${region_name}`, releaseBody(i, 20, edition))

  const listed = join(stage.folder, 'regions.json')
  writeFileSync(listed, JSON.stringify(regions))
  const naive = stage.startNode(['bench/peers/naive.ts', listed])
  const { url: naiveUrl } = JSON.parse(await naive.line(/url/)) as { url: string }
  const gateway = await startGateway(stage, { regions })
  const headers = gateway.caller(['operator'])

  const answer = await fetchBytes(gateway.url + path, headers)
  if (freshIn(answer) !== count) throw new Error('some region was not fresh')
  const theirs = (await fetchBytes(naiveUrl + path)).body
  // The naive one writes everything anew, so the same content is other bytes: ours are brought to its spelling.
  const respelt = Buffer.from(JSON.stringify(JSON.parse(answer.body.toString())))
  if (sha256(anyEdition(respelt)) !== sha256(anyEdition(theirs))) throw new Error('the two answers differ')

  const request = { path, token: headers['authorization']?.slice('Bearer '.length) ?? '' }
  const load = { requests: [request], encoding: 'identity', connections: 1, seconds } as const
  const ours: Load = { ...load, url: gateway.url, server: gateway.process }
  const peer: Load = { ...load, url: naiveUrl, server: naive }
  const measured = await interleaved(
    rounds,
    () => loadOf(ours),
    () => loadOf(peer),
  )
  const ms = (of: 'ours' | 'peer'): string => {
    const time = medianOf(measured.map((round) => 1000 / round[of].rate)).toFixed(1)
    return `${time} ms (${medianOf(measured.map((round) => round[of].cpu)).toFixed(1)} ms CPU)`
  }
  return ratioOf(
    `live reads of ${count} regions, ${kind === 'still' ? 'no' : 'every'} body changed in between, against a naive gateway (times faster)`,
    { atLeast: bounds[kind] },
    measured.map((round) => round.ours.rate / round.peer.rate),
    `20 releases each, ${(answer.body.length / 1e6).toFixed(1)} MB, one caller, regions are nginx: ${ms('ours')} against ${ms('peer')}`,
  )
}

/** Of a region that changes with every answer, two askers get different editions. */
function anyEdition(body: Buffer): Buffer {
  return Buffer.from(body.toString('latin1').replaceAll(/edition [ab]"/g, 'edition"'), 'latin1')
}
