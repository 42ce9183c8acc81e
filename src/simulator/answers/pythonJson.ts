/** JSON as Python's json.dumps writes it: a space after ',' and ':', everything beyond ASCII escaped. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return Object.isFrozen(value) ? frozenList(value) : list(value)
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(([key, member]) => `${quoted(key)}: ${pythonJson(member)}`)
    return `{${members.join(', ')}}`
  }
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value)
}

const frozenLists = new WeakMap<readonly unknown[], string>()

/** What can't change is written once. */
function frozenList(values: readonly unknown[]): string {
  const text = frozenLists.get(values) ?? list(values)
  frozenLists.set(values, text)
  return text
}

function list(values: readonly unknown[]): string {
  return `[${values.map(pythonJson).join(', ')}]`
}

const beyondAscii = /[\u007f-\uffff]/
const allBeyondAscii = /[\u007f-\uffff]/g

function quoted(text: string): string {
  const json = JSON.stringify(text)
  if (!beyondAscii.test(json)) return json
  return json.replace(allBeyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
