import { dirname, resolve } from 'node:path'
import { LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import type { z } from 'zod'
import { contradictions, type Mistake } from './contradictions.ts'
import { offsetOf, pathOf } from './place.ts'
import { withAbsoluteFiles } from './absolute-files.ts'
import { configSchema, type Config } from './schema.ts'

/** Every mistake at once, each as `file:line:col path: message`. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

interface Found {
  readonly offset: number
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/**
 * Reads a configuration (YAML, so JSON too). `${NAME}` in a value is the environment variable NAME; file names
 * are relative to the configuration's folder. Throws `ConfigError`.
 */
export function parseConfig(text: string, file: string, env: NodeJS.ProcessEnv = process.env): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const refuse = (found: readonly Found[]): never => {
    const inOrder = found.toSorted((a, b) => a.offset - b.offset)
    throw new ConfigError(
      inOrder.map(({ offset, path, message }) => {
        const { line, col } = lines.linePos(offset)
        return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)} ${pathText(path)}: ${message}`
      }),
    )
  }
  if (document.errors.length > 0) {
    refuse(document.errors.map(({ pos, message }) => ({ offset: pos[0], path: [], message })))
  }
  const missing = expandEnvironment(document, env)
  const value = valueOf(document)
  if ('mistake' in value) return refuse([value.mistake])
  const parsed = configSchema.safeParse(value.value)
  const issues = parsed.success ? [] : parsed.error.issues
  const wrong = issues.flatMap(toMistakes)
  // Of a value that is wrong in itself, what it contradicts says nothing more.
  const contradicting = contradictions(value.value).filter(
    ({ path }) => !wrong.some((mistake) => mistake.path.every((key, i) => path[i] === key)),
  )
  const mistakes = [...wrong, ...contradicting]
  const found = [
    ...missing,
    ...mistakes.map((mistake) => ({ ...mistake, offset: offsetOf(document, mistake.path) })),
  ]
  if (found.length > 0 || !parsed.success) return refuse(found)
  return withAbsoluteFiles(parsed.data, dirname(resolve(file)))
}

/** Aliases are resolved only now: one of nothing (a glob without quotes), or ones that multiply, are mistakes too. */
function valueOf(document: Document): { readonly value: unknown } | { readonly mistake: Found } {
  try {
    return { value: document.toJS() ?? {} }
  } catch (error) {
    let offset = 0
    visit(document, {
      Alias(_, node) {
        offset = node.range?.[0] ?? 0
        return visit.BREAK
      },
    })
    const message = error instanceof Error ? error.message : 'not YAML'
    return { mistake: { offset, path: [], message: `${message} (a name that begins with * needs quotes)` } }
  }
}

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** Replaces `${NAME}` in every string value; what the environment lacks is a mistake. */
function expandEnvironment(document: Document, env: NodeJS.ProcessEnv): Found[] {
  const missing: Found[] = []
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return
      const expanded = node.value.replaceAll(variable, (whole, name: string) => {
        const path = pathOf([...ancestors, node] as Node[])
        if (env[name] === undefined) {
          missing.push({
            offset: node.range?.[0] ?? 0,
            path,
            message: `\${${name}}: no such environment variable`,
          })
        }
        return env[name] ?? whole
      })
      // `port: ${PORT}` without quotes is meant as a number.
      node.value = node.type === 'PLAIN' && /^\d{1,15}$/.test(expanded) ? Number(expanded) : expanded
    },
  })
  return missing
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(root)' : path.map(String).join('.')
}

function toMistakes(issue: z.core.$ZodIssue): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }))
  }
  const missing =
    issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('undefined')
  return [{ path: issue.path, message: missing ? 'is missing' : issue.message }]
}
