import { operatorsOf } from '../fleet/conditions.ts'
import type { FieldInfo, FieldType } from '../fleet/fields.ts'
import type { Parameter } from './operation.ts'
import { listOf, text, type Schema } from './schema.ts'

/** The query parameters that filter a list by one of its fields. */
export function filtersOf(field: FieldInfo): readonly Parameter[] {
  return operatorsOf[field.type].flatMap((operator): Parameter[] => {
    // Labels are filtered by names that only a fleet knows.
    if (field.type === 'labels') return []
    const many = operator === 'eq' || operator === 'ne' || operator === 'prefix'
    return [
      {
        name: operator === 'eq' ? field.name : `${field.name}.${operator}`,
        in: 'query',
        description: descriptions[operator](field),
        schema: many ? listOf(valueOf(field, operator)) : valueOf(field, operator),
        ...exampleOf(field),
        ...(many && { explode: false }),
      },
    ]
  })
}

const examples: { readonly [T in FieldType]?: string } = {
  boolean: 'true',
  number: '10',
  version: '24.09.3',
  time: '2026-01-15T06:00:00Z',
}

function exampleOf({ type, values }: FieldInfo): Pick<Parameter, 'example'> {
  const example = values?.[0] ?? examples[type]
  return example === undefined ? {} : { example }
}

const descriptions = {
  eq: ({ about }: FieldInfo) => about,
  ne: ({ name }: FieldInfo) => `\`${name}\` is none of these`,
  lt: ({ name }: FieldInfo) => `\`${name}\` is less`,
  le: ({ name }: FieldInfo) => `\`${name}\` is less or equal`,
  gt: ({ name }: FieldInfo) => `\`${name}\` is more`,
  ge: ({ name }: FieldInfo) => `\`${name}\` is more or equal`,
  prefix: ({ name }: FieldInfo) => `\`${name}\` begins with one of these`,
}

function valueOf({ type, values, nullable = false }: FieldInfo, operator: keyof typeof descriptions): Schema {
  if (operator === 'prefix') return text
  if (type === 'boolean')
    return { ...text, enum: ['true', 'false', ...(nullable ? ['unknown', 'null'] : [])] }
  if (values && (operator === 'eq' || operator === 'ne')) {
    return { ...text, enum: [...values, ...(nullable ? ['null'] : [])] }
  }
  return type === 'number'
    ? { ...text, description: 'A number, or where it is seconds a duration such as 5m' }
    : text
}
