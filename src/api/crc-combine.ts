/** The reversed CRC-32 polynomial, as gzip uses it. */
const polynomial = 0xedb88320

/** Product of two polynomials modulo the CRC's, coefficients reversed. */
function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let mask = 0x80000000; mask !== 0; mask >>>= 1) {
    if ((a & mask) !== 0) product ^= factor
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial
  }
  return product >>> 0
}

/** x^(2^n), n from 0: enough for lengths of any Buffer. */
const powers: number[] = [0x40000000]
for (let n = 1; n < 64; n++) powers.push(multiply(powers[n - 1] ?? 0, powers[n - 1] ?? 0))

/** What appending so many bytes does to a CRC: x^(8 × length). */
export function shiftOf(length: number): number {
  let result = 0x80000000
  let rest = length
  for (let n = 3; rest > 0; n++) {
    if (rest % 2 === 1) result = multiply(powers[n] ?? 0, result)
    rest = Math.floor(rest / 2)
  }
  return result
}

/** The CRC-32 of two texts laid end to end, from the CRC of each and `shiftOf` the second one's length. */
export function combineCrc(first: number, second: number, shiftOfSecond: number): number {
  return (multiply(shiftOfSecond, first) ^ second) >>> 0
}
