import { Refusal } from '../refusal.ts'

const reserved = new Set(
  (
    'OS_AUTH_TOKEN OS_AUTH_TYPE OS_AUTH_URL OS_ENDPOINT_TYPE OS_IDENTITY_API_VERSION OS_INTERFACE OS_PASSWORD ' +
    'OS_PROJECT_DOMAIN_ID OS_PROJECT_DOMAIN_NAME OS_PROJECT_ID OS_PROJECT_NAME OS_REGION_NAME OS_SERVICE_TOKEN ' +
    'OS_USERNAME OS_USER_DOMAIN_NAME OS_SERVICE_TYPE OS_TENANT_ID OS_TENANT_NAME OS_USER_DOMAIN_ID ' +
    'SYSTEM_API_VERSION SYSTEM_URL'
  ).split(' '),
)

/** `["k=v"]` as an object; its refusals stand in `info` (recording precheck-options-bad). */
export function parseOptions(given: unknown): Record<string, string> {
  // A string is read letter by letter.
  const items = typeof given === 'string' ? Array.from(given) : Array.isArray(given) ? given.map(String) : []
  for (const item of items) {
    if (item.split('=').length !== 2) {
      throw new Refusal('', `Invalid format: '${item}'. Expected format is key=value`)
    }
  }
  return Object.fromEntries(
    items.map((item) => {
      const [key = '', value = ''] = item.split('=').map((part) => sanitized(part.trim()))
      if (reserved.has(key)) throw new Refusal('', `${key} is a reserved word and can't be used.`)
      return [key, value]
    }),
  )
}

function sanitized(text: string): string {
  if (!/^[\p{L}\p{N}_\s-]+$/u.test(text)) throw new Refusal('', `Invalid value: '${text}'.`)
  return text
}
