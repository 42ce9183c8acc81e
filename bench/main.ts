import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { benchBlackHoles } from './black-holes.ts'
import { benchCached } from './cached.ts'
import { benchFanOut } from './fan-out.ts'
import { benchMemory } from './memory.ts'
import { benchMerge } from './merge.ts'
import { benchNaive } from './naive.ts'
import { benchResponsive } from './responsive.ts'
import { installPeers } from './peers/wrk.ts'
import type { Ratio } from './ratio.ts'

const smoke = process.argv.includes('--smoke')

const cases: Readonly<Record<string, () => Ratio[] | Promise<Ratio[]>>> = {
  merge: () => benchMerge(smoke ? { regions: 20, rounds: 2 } : { regions: 1000, rounds: 7 }),
  'fan-out': () => benchFanOut(smoke ? { regions: 20, rounds: 2 } : { regions: 1000, rounds: 7 }),
  'black-holes': () => benchBlackHoles(smoke ? { regions: 20, rounds: 1 } : { regions: 1000, rounds: 7 }),
  cached: () =>
    benchCached(smoke ? { regions: 20, rounds: 1, seconds: 1 } : { regions: 1000, rounds: 5, seconds: 3 }),
  naive: () =>
    benchNaive(smoke ? { regions: 5, rounds: 1, seconds: 1 } : { regions: 100, rounds: 5, seconds: 3 }),
  memory: () => benchMemory(smoke ? { few: 2, many: 12 } : { few: 10, many: 1000 }),
  responsive: () =>
    benchResponsive(
      smoke ? { regions: 20, rounds: 1, seconds: 0.5 } : { regions: 1000, rounds: 5, seconds: 3 },
    ),
}

/** Cases that need Debian's nginx and wrk. */
const withPeers: ReadonlySet<string> = new Set(['naive', 'cached', 'responsive'])

const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
for (const name of named)
  if (!(name in cases)) throw new Error(`no such bench: ${name} (${Object.keys(cases).join(', ')})`)

if (named.length === 0 || named.some((name) => withPeers.has(name))) installPeers()

const rows: string[] = []
for (const [name, run] of Object.entries(cases)) {
  if (named.length > 0 && !named.includes(name)) continue
  for (const ratio of await run()) {
    const spread = `${short(ratio.min)}–${short(ratio.max)}`
    // So few regions and rounds only show that the bench runs.
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
