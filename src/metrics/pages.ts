/** How many regions' samples of one family are laid together: enough to be worth a write, and to be compressed well. */
export const regionsPerPage = 128

interface Page {
  readonly parts: readonly string[]
  readonly bytes: Buffer
}

/** Lays parts end to end; gives the same bytes again for as long as no part changed, so that they are compressed once. */
export function createPages(): (family: number, block: number, parts: readonly string[]) => Buffer {
  const kept: Page[][] = []
  return (family, block, parts) => {
    const ofFamily = (kept[family] ??= [])
    const before = ofFamily[block]
    if (
      before &&
      before.parts.length === parts.length &&
      parts.every((part, i) => part === before.parts[i])
    ) {
      return before.bytes
    }
    const page = { parts, bytes: Buffer.from(parts.join('')) }
    ofFamily[block] = page
    return page.bytes
  }
}
