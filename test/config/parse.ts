import { ConfigError, parseConfig } from '../../src/config/parse.ts'
import type { Config } from '../../src/config/schema.ts'

export const file = '/etc/fleet/gateway.yaml'

export const parse = (text: string, env: NodeJS.ProcessEnv = {}): Config => parseConfig(text, file, env)

/** The mistakes of a text, each as `line:col path: message`; fails the test where there are none. */
export function mistakesOf(text: string, env: NodeJS.ProcessEnv = {}): readonly string[] {
  const mistakes = refusalOf(text, env).mistakes
  const elsewhere = mistakes.filter((mistake) => !mistake.startsWith(`${file}:`))
  if (elsewhere.length > 0) throw new Error(`mistakes without their file: ${elsewhere.join(', ')}`)
  return mistakes.map((mistake) => mistake.slice(file.length + 1))
}

function refusalOf(text: string, env: NodeJS.ProcessEnv): ConfigError {
  try {
    parse(text, env)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('it was accepted')
}

/** What every configuration needs; it takes the first line. */
export const issuers = 'auth: { issuers: [{ issuer: https://idp.example, audience: gateway }] }\n'
