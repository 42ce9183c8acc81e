import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'

/** What may become of a file: where, as a share of its length. */
export type Damage =
  | { readonly flips: readonly { readonly at: number; readonly bit: number }[] }
  | { readonly cutAt: number }
  | { readonly added: Uint8Array }
  | { readonly instead: Uint8Array }
  | { readonly zeroed: { readonly from: number; readonly length: number } }

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const bytes = fc.uint8Array({ maxLength: 200 })

export const anyDamage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({
    flips: fc.array(fc.record({ at: share, bit: fc.nat(7) }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ cutAt: share }),
  fc.record({ added: bytes }),
  fc.record({ instead: bytes }),
  fc.record({ zeroed: fc.record({ from: share, length: fc.nat(5_000) }) }),
)

export async function damageFile(file: string, damage: Damage): Promise<void> {
  await writeFile(file, damaged(await readFile(file), damage))
}

function damaged(content: Buffer, damage: Damage): Uint8Array {
  if ('added' in damage) return Buffer.concat([content, damage.added])
  if ('instead' in damage) return damage.instead
  if ('cutAt' in damage) return content.subarray(0, Math.floor(damage.cutAt * content.length))
  if ('zeroed' in damage) {
    const from = Math.floor(damage.zeroed.from * content.length)
    return content.fill(0, from, Math.min(content.length, from + damage.zeroed.length))
  }
  for (const { at, bit } of damage.flips) {
    const place = Math.floor(at * content.length)
    content[place] = (content[place] ?? 0) ^ (1 << bit)
  }
  return content
}
