import { InvalidArgumentError } from 'commander'

/** A whole number from 1 on. */
export function numberFlag(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more')
  return value
}

export function portFlag(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('a port, 1 to 65535')
  return value
}

/** Comma-separated, without empty parts. */
export function listFlag(text: string): string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length === 0) throw new InvalidArgumentError('at least one, separated by commas')
  return parts
}

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `90s`, `15m`, `1h`, `7d`, as seconds. */
export function durationFlag(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const value = Number(number) * (seconds[unit] ?? 0)
  if (value === 0) throw new InvalidArgumentError('such as 90s, 15m, 1h or 7d')
  return value
}
