import { createHash } from 'node:crypto'

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 18%, Canvas); --soft: color-mix(in srgb, CanvasText 6%, Canvas) }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem 1.5rem 4rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
code { font: 0.9em ui-monospace, monospace; background: var(--soft); padding: 0.1em 0.3em; border-radius: 3px }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.4rem 0; padding: 0 0.8rem }
summary { cursor: pointer; padding: 0.4rem 0; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 4.2rem; font: 700 0.8rem ui-monospace, monospace }
summary span { color: color-mix(in srgb, CanvasText 65%, Canvas) }
.table { overflow-x: auto } table { border-collapse: collapse; width: 100%; margin: 0.4rem 0 0.8rem }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.8rem 0.25rem 0; border-top: 1px solid var(--line) }
[id] { scroll-margin-top: 3rem }
td:first-child { white-space: nowrap }
@media (max-width: 40rem) { tr { display: block; border-top: 1px solid var(--line) } td { display: inline-block; border: 0 } td:last-child { display: block } }
`

/** What lets our pages look as they do, and nothing run: for `content-security-policy`. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** A whole page that needs nothing else: no script, no font, no network. */
export function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${html(title)}</title><style>${style}</style></head><body>${body}</body></html>`
}

/** Rows, each with its own tags, as a table that scrolls by itself; nothing where there are none. */
export function table(rows: readonly string[]): string {
  return rows.length === 0 ? '' : `<div class="table"><table>${rows.join('')}</table></div>`
}

/** Text in which what stands between backticks is code. */
export function prose(text: unknown): string {
  return html(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

/** Text that is nothing but text. */
export function html(text: unknown): string {
  return String(text).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
