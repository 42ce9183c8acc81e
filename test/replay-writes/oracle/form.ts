/** One part of a multipart form. */
export interface Part {
  readonly name: string
  /** The last segment of the file's name; empty where the part is no file. */
  readonly fileName: string
  readonly bytes: Buffer
}

/** Undefined for what is no multipart form. */
export function partsOf(contentType: string, body: Buffer): readonly Part[] | undefined {
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined
  const boundary = /boundary="?([^";]+)/i.exec(contentType)?.[1]
  if (boundary === undefined) return undefined
  // Binary text keeps one character per byte.
  const pieces = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`)
  if (pieces.length < 3 || !pieces.at(-1)?.startsWith('--')) return undefined
  return pieces.slice(1, -1).map((piece) => {
    const end = piece.indexOf('\r\n\r\n')
    const disposition = /^content-disposition:(.*)$/im.exec(piece.slice(0, end))?.[1] ?? ''
    const parameter = (name: string): string =>
      new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(disposition)?.[1] ?? ''
    const fileName = parameter('filename')
    return {
      name: parameter('name'),
      fileName: fileName.slice(fileName.lastIndexOf('/') + 1),
      bytes: Buffer.from(piece.slice(end + 4), 'latin1'),
    }
  })
}
