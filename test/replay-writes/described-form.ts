/**
 * The form that a recording only describes: `<multipart/form-data: part name=file filename=x.patch, 2082 bytes …>`.
 * Its file is made of as many bytes, among them such as could be taken for a boundary or for text.
 */
export function describedForm(description: string, contentType: string): Buffer | undefined {
  if (!/^<[^<>]*multipart[^<>]*>$/.test(description)) return undefined
  const boundary = /boundary="?([^";]+)/.exec(contentType)?.[1] ?? 'described'
  const name = /\bname=([^\s,>]+)/.exec(description)?.[1] ?? 'file'
  const filename = /filename=([^\s,>]+)/.exec(description)?.[1] ?? 'described.patch'
  const size = Number(/(\d+) bytes/.exec(description)?.[1] ?? 64)
  const start = Buffer.from([0x1f, 0x8b, 0, 0xff, 13, 10, 45, 45, 45, 45, 13, 10, 13, 10])
  const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, at) => start[at] ?? (at * 31) % 256))
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
}
