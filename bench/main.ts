import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { benchBlackHoles } from './black-holes.ts'
import { benchCached } from './cached.ts'
import { benchFanOut } from './fan-out.ts'
import { benchFleetApi } from './fleet-api.ts'
import { benchMemory } from './memory.ts'
import { benchMerge } from './merge.ts'
import { benchMetrics } from './metrics.ts'
import { benchNaive } from './naive.ts'
import { benchResponsive } from './responsive.ts'
import { benchRestart } from './restart.ts'
import { installPeers } from './peers/wrk.ts'
import type { Ratio } from './ratio.ts'
import { benchUpload } from './upload.ts'

const smoke = process.argv.includes('--smoke')

/** Each case in full, or so small that it only shows that it runs. */
const cases: Readonly<Record<string, () => Ratio[] | Promise<Ratio[]>>> = smoke
  ? {
      merge: () => benchMerge({ regions: 20, rounds: 2 }),
      'fan-out': () => benchFanOut({ regions: 20, rounds: 1, modes: ['front'] }),
      'black-holes': () => benchBlackHoles({ regions: 20, rounds: 1 }),
      cached: () => benchCached({ regions: 20, rounds: 1, seconds: 1 }),
      naive: () => benchNaive({ regions: 5, rounds: 1, seconds: 1, kinds: ['changing'] }),
      memory: () => benchMemory({ few: 2, many: 12, rounds: 1 }),
      responsive: () => benchResponsive({ regions: 20, rounds: 1, seconds: 0.5, kinds: ['changing'] }),
      metrics: () => benchMetrics({ series: [3_000], rounds: 2 }),
      'fleet-api': () => benchFleetApi({ regions: 20, rounds: 1, seconds: 1 }),
      upload: () => benchUpload({ size: 8 * 2 ** 20 }),
      restart: () => benchRestart({ regions: 20, rounds: 1, seconds: 1 }),
    }
  : {
      merge: () => benchMerge({ regions: 1000, rounds: 7 }),
      'fan-out': () => benchFanOut({ regions: 1000, rounds: 7, modes: ['front', 'direct'] }),
      'black-holes': () => benchBlackHoles({ regions: 1000, rounds: 7 }),
      cached: () => benchCached({ regions: 1000, rounds: 5, seconds: 3 }),
      naive: () => benchNaive({ regions: 100, rounds: 5, seconds: 3, kinds: ['changing', 'still'] }),
      memory: () => benchMemory({ few: 10, many: 1000, rounds: 5 }),
      responsive: () =>
        benchResponsive({ regions: 1000, rounds: 5, seconds: 3, kinds: ['changing', 'still'] }),
      metrics: () => benchMetrics({ series: [3_000, 30_000, 300_000], rounds: 7 }),
      'fleet-api': () => benchFleetApi({ regions: 5000, rounds: 5, seconds: 12 }),
      upload: () => benchUpload({ size: 2048 * 2 ** 20 }),
      restart: () => benchRestart({ regions: 1000, rounds: 5, seconds: 20 }),
    }

/** Cases that need Debian's nginx and wrk. */
const withPeers: ReadonlySet<string> = new Set(['naive', 'cached', 'responsive'])

const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
for (const name of named)
  if (!(name in cases)) throw new Error(`no such bench: ${name} (${Object.keys(cases).join(', ')})`)

if (named.length === 0 || named.some((name) => withPeers.has(name))) installPeers()

const chosen = Object.entries(cases).filter(([name]) => named.length === 0 || named.includes(name))
// Where the numbers mean nothing, nothing need be measured alone.
const atOnce = smoke ? await Promise.allSettled(chosen.map(async ([, run]) => run())) : []
const rows: string[] = []
for (const [i, [, run]] of chosen.entries()) {
  const settled = atOnce[i]
  if (settled?.status === 'rejected') throw settled.reason
  for (const ratio of settled?.value ?? (await run())) {
    const spread = `${short(ratio.min)}–${short(ratio.max)}`
    const verdict = smoke ? 'smoke' : ratio.met ? 'met' : 'MISSED'
    process.stdout.write(
      `${verdict.padEnd(6)} ${ratio.name}: ${short(ratio.median)}${ratio.unit} (${spread}; goal ${ratio.goal})\n`,
    )
    process.stdout.write(`       ${ratio.detail}\n`)
    rows.push(
      `| ${ratio.name} | ${short(ratio.median)}${ratio.unit} | ${spread} | ${ratio.goal} | ${verdict} | ${ratio.detail} |`,
    )
  }
}

// Only a whole run is a result worth keeping.
if (!smoke && named.length === 0) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  const text = [
    '# Bench results',
    '',
    `Machine: ${machine}. Commit: ${commit}. Made by \`npm run bench\`; ratios of interleaved rounds, median and spread.`,
    'The machine is shared and noisy: read the ratios, not the milliseconds.',
    '',
    '| what | median | spread | goal | | detail |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text)
}

function short(number: number): string {
  return number >= 100 ? number.toFixed(0) : number.toFixed(2)
}
