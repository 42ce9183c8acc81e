/** Seeded randomness: the same seed and name give the same run on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
  chance(probability: number): boolean
  /** Lower-case hex digits, as in commit ids and Keystone region names. */
  hex(length: number): string
}

/** A generator of its own for each (seed, name): adding a region never changes another. */
export function createRandom(seed: number, name: string): Random {
  let state = hashOf(`${seed}/${name}`)
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    pick: (choices) => choices[between(0, choices.length - 1)] ?? choices[0],
    chance: (probability) => next() < probability,
    hex: (length) => {
      let digits = ''
      while (digits.length < length)
        digits += Math.floor(next() * 2 ** 32)
          .toString(16)
          .padStart(8, '0')
      return digits.slice(0, length)
    },
  }
}

/** FNV-1a, 32 bit. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
