import { readFileSync } from 'node:fs'

const file = new URL('../package.json', import.meta.url)

/** Of package.json, which lies one folder up, from the source as from what is emitted of it. */
export const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
