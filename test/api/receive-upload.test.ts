import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boundary, createUploadSetup, file, form, formType, heldIn } from './upload-setup.ts'

const serve = createUploadSetup()

interface Recorded {
  readonly recording: string
  readonly contentType: string
  readonly body: string | { readonly base64: string }
}
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/uploads/requests.json'), 'utf8'),
) as readonly Recorded[]
const refused = new Map([
  ['usm/stx10.0/upload-local-badjson', 'a text/plain upload is a JSON array of paths on the controller'],
  ['usm/stx10.0/upload-local-string', 'a text/plain upload is a JSON array of paths on the controller'],
  ['usm/stx10.0/upload-local-empty', 'the list of paths is empty'],
  ['usm/stx10.0/upload-plain-field', 'the field a is no file: only files are taken'],
])

test.each(recorded)('what real clients sent: $recording', async ({ recording, contentType, body }) => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.base64, 'base64')
  const { files, paths, message } = await (await serve()).post(bytes, contentType)
  expect(message).toBe(refused.get(recording))
  if (message !== undefined) return
  if (contentType === 'text/plain') return expect(paths).toEqual(JSON.parse(bytes.toString()))
  expect(files?.map(({ fieldName }) => fieldName)).toEqual(files?.map(({ fileName }) => fileName))
  expect(files?.length).toBe(bytes.toString('latin1').split('filename=').length - 1)
  for (const { fileName } of files ?? []) expect(fileName).toMatch(/^\/.+\.(iso|sig|patch|txt)$/)
})

test('several files, their paths, types and bytes kept', async () => {
  const server = await serve()
  const tricky = `\r\n--${boundary.slice(0, -1)}\r\n--\r\n\r\n\0é`
  const received = await server.post(
    form(
      [`${file('/home/sysadmin/x.iso')}\r\nContent-Type: application/x-iso9660-image; v=1`, tricky],
      ['content-disposition: form-data; filename=x.sig; name=sig', 'signature'],
    ),
  )
  expect(received.files).toEqual([
    {
      fieldName: '/home/sysadmin/x.iso',
      fileName: '/home/sysadmin/x.iso',
      contentType: 'application/x-iso9660-image',
      text: tricky,
    },
    { fieldName: 'sig', fileName: 'x.sig', contentType: 'application/octet-stream', text: 'signature' },
  ])
  expect(heldIn(server.dir)).toEqual({ open: 0, seen: [] })
})

test('a body in chunks of one byte is the same upload', async () => {
  const server = await serve()
  const socket = server.dial()
  const near = `1\r\n--${boundary.slice(0, -1)}\r\n\r\n--`
  const body = `a preamble\r\n${form([file('a.patch'), near], [file('b.patch'), '-'])}an epilogue`
  const received = server.next()
  socket.write(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${formType}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  )
  for (const byte of body) socket.write(`1\r\n${byte}\r\n`)
  socket.write('0\r\n\r\n')
  expect((await received).files?.map(({ fileName, text }) => [fileName, text])).toEqual([
    ['a.patch', near],
    ['b.patch', '-'],
  ])
  socket.destroy()
})

test('a line that begins with the boundary and goes on is no part, and not passed over', async () => {
  const received = await (await serve()).post(form([file('a.patch'), `1\r\n--${boundary}x\r\n2`]))
  expect(received).toMatchObject({ status: 400, slug: 'bad-upload' })
})

test.each<[string, string, string]>([
  ['no part', `--${boundary}--\r\n`, 'there is no file in it'],
  ['nothing at all', '', 'the multipart body is malformed, or ends midway'],
  ['something else', 'hello', 'the multipart body is malformed, or ends midway'],
  ['no end', form([file('a'), 'x']).slice(0, -6), 'the multipart body is malformed, or ends midway'],
  [
    'an end within a header',
    `--${boundary}\r\n${file('a')}`,
    'the multipart body is malformed, or ends midway',
  ],
  [
    'a part without a header',
    `--${boundary}\r\nhello\r\n--${boundary}--\r\n`,
    'a part has no header that can be read',
  ],
  [
    'a plain field',
    form([file('a'), 'x'], ['Content-Disposition: form-data; name="b"', 'y']),
    'the field b is no file: only files are taken',
  ],
  [
    'another disposition',
    form(['Content-Disposition: attachment; filename="a"', 'x']),
    'a part has no Content-Disposition of the form: form-data; name="…"; filename="…"',
  ],
  [
    'no disposition',
    form(['Content-Type: text/plain', 'x']),
    'a part has no Content-Disposition of the form: form-data; name="…"; filename="…"',
  ],
  [
    'two dispositions',
    form([`${file('a')}\r\n${file('b')}`, 'x']),
    'a part has no Content-Disposition of the form: form-data; name="…"; filename="…"',
  ],
  [
    'two names',
    form([`${file('a')}; filename="b"`, 'x']),
    'a part has no Content-Disposition of the form: form-data; name="…"; filename="…"',
  ],
  [
    'a name that ends its quotes',
    form([file('a"b'), 'x']),
    'a part has no Content-Disposition of the form: form-data; name="…"; filename="…"',
  ],
  [
    'no file name',
    form(['Content-Disposition: form-data; name="a"; filename=""', 'x']),
    'a file name is empty',
  ],
  ['no field name', form(['Content-Disposition: form-data; filename="a"', 'x']), 'a field name is empty'],
  ['a folder', form([file('/home/sysadmin/'), 'x']), 'a file has no name'],
  ['an empty file', form([file('/tmp/a.patch'), '']), 'the file a.patch is empty'],
  [
    'the same file twice',
    form([file('/a/x.patch'), 'x'], [file('/b/x.patch'), 'y']),
    'two files are named x.patch',
  ],
  ['a way up', form([file('/home/../etc/passwd'), 'x']), 'a field name has a segment ".."'],
  ['a long name', form([file('a'.repeat(256)), 'x']), 'a field name is longer than 255 bytes'],
  [
    'more files than anyone has',
    form(...Array.from({ length: 17 }, (_, i) => [file(`${i}.patch`), 'x'] as const)),
    'at most 16 files',
  ],
  [
    'a name in another spelling',
    form(['Content-Disposition: form-data; name="a"; filename*=utf-8\'\'%c3%a9.patch', 'x']),
    'a file name has characters other than ASCII',
  ],
])('refused, and nothing kept: %s', async (_, body, message) => {
  const server = await serve()
  expect(await server.post(body)).toEqual({ status: 400, slug: 'bad-upload', message })
  expect(heldIn(server.dir)).toEqual({ open: 0, seen: [] })
})

test.each(['\t', '\x7f', '\\', "'", '`', '$(x)', ';', 'é', '\0', '*'])(
  'refused in a name: %j',
  async (text) => {
    const { status, slug } = await (await serve()).post(form([file(`a${text}b.patch`), 'x']))
    expect([status, slug]).toEqual([400, 'bad-upload'])
  },
)

test.each(['/scratch/upload_files/a.patch', '//scratch/a.patch'])(
  'a name that makes master take a file of its own: %s',
  async (name) => {
    const { status, slug } = await (await serve()).post(form([file(name), 'x']))
    expect([status, slug]).toEqual([400, 'bad-upload'])
  },
)

test.each([
  ['multipart/form-data', 400, 'bad-upload'],
  ['multipart/form-data; boundary=', 400, 'bad-upload'],
  ['multipart/mixed; boundary=a', 415, 'unsupported-media-type'],
  ['application/json', 415, 'unsupported-media-type'],
  ['application/octet-stream', 415, 'unsupported-media-type'],
  ['text/plainly', 415, 'unsupported-media-type'],
])('Content-Type %s is refused', async (type, status, slug) => {
  expect(await (await serve()).post(form([file('a'), 'x']), type)).toMatchObject({ status, slug })
})

test.each([
  `boundary="${boundary}"`,
  `charset=utf-8; Boundary=${boundary}`,
  `boundary=${boundary}; charset=utf-8`,
])('a boundary is found in %s', async (parameters) => {
  const { files } = await (await serve()).post(form([file('a'), 'x']), `Multipart/Form-Data; ${parameters}`)
  expect(files).toHaveLength(1)
})

test('a compressed body is refused', async () => {
  const server = await serve()
  const received = await server.post('x', formType, { 'content-encoding': 'gzip' })
  expect(received).toMatchObject({ status: 415, slug: 'unsupported-media-type' })
})

test.each<[unknown, string | undefined]>([
  [['/home/sysadmin/24.09.7.patch', '/opt/a_b+c/x-1.iso'], undefined],
  [['relative.patch'], 'each path is absolute'],
  [['/'], 'each path is absolute'],
  [['/a//b'], 'each path is absolute'],
  [['/a/'], 'each path is absolute'],
  [['/a/../b'], 'each path is absolute'],
  [['/a/./b'], 'each path is absolute'],
  [['/a b'], 'each path is absolute'],
  [['/a\n'], 'each path is absolute'],
  [['/a;b'], 'each path is absolute'],
  [['/é'], 'each path is absolute'],
  [['/a', 1], 'a text/plain upload is a JSON array'],
  [{ '0': '/a' }, 'a text/plain upload is a JSON array'],
  [Array.from({ length: 101 }, (_, i) => `/${i}`), 'at most 100 paths'],
])('paths on the controller: %j', async (paths, message) => {
  const received = await (await serve()).post(JSON.stringify(paths), 'text/plain; charset=utf-8')
  if (message === undefined) return expect(received).toEqual({ paths })
  expect(received).toMatchObject({ status: 400, message: expect.stringContaining(message) })
})

test('a list of paths of more than 64 KiB is refused, announced or not', async () => {
  const server = await serve()
  const list = JSON.stringify(['/a'.repeat(40_000)])
  const tooLarge = {
    status: 413,
    slug: 'too-large',
    message: 'an upload of this kind is at most 65536 bytes',
  }
  expect(await server.post(list, 'text/plain')).toEqual(tooLarge)
  expect(await server.postChunked(list, 'text/plain')).toEqual(tooLarge)
})

test('an upload beyond max_size is refused at once, or when it gets there', async () => {
  const server = await serve({ maxSize: 100_000 })
  const body = form([file('a.patch'), 'x'.repeat(100_000)])
  const tooLarge = {
    status: 413,
    slug: 'too-large',
    message: 'an upload of this kind is at most 100000 bytes',
  }
  expect(await server.post(body)).toEqual(tooLarge)
  expect(await server.postChunked(body)).toEqual(tooLarge)
  expect(heldIn(server.dir)).toEqual({ open: 0, seen: [] })
})

test('what is announced to be too large is refused before any of it came', async () => {
  const server = await serve({ maxSize: 1000 })
  const socket = server.dial()
  const received = server.next()
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${formType}\r\nContent-Length: 1001\r\n\r\n`)
  expect(await received).toMatchObject({ status: 413 })
  socket.destroy()
})

test.each([
  ['for its length', { maxSize: 1000 }, ''],
  ['for its first part', { maxSize: 2 ** 30 }, form(['Content-Disposition: form-data; name="a"', 'x'])],
])(
  'refused %s: who looks for an answer only after the whole body gets to see it',
  async (_, limits, begin) => {
    const server = await serve({ ...limits, linger: 25_000 })
    const socket = server.dial()
    const size = 32 * 2 ** 20
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${formType}\r\nContent-Length: ${size}\r\n\r\n`)
    socket.write(begin)
    for (let left = size - begin.length; left > 0; left -= 2 ** 20) {
      if (!socket.write(Buffer.alloc(Math.min(left, 2 ** 20)))) await once(socket, 'drain')
    }
    const [head] = (await once(socket, 'data')) as [Buffer]
    expect(head.toString()).toMatch(/^HTTP\/1.1 4(13|00) /)
    socket.destroy()
  },
)

test('while an upload comes in its files are open but in no folder, and gone when the caller goes', async () => {
  const server = await serve()
  const socket = server.dial()
  const received = server.next()
  const body = form([file('a.patch'), 'x'.repeat(300_000)], [file('b.patch'), 'y'])
  socket.write(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${formType}\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  socket.write(body.slice(0, 250_000))
  const held = (): boolean => heldIn(server.dir).open === 1 && heldIn(server.dir).seen.length === 0
  while (!held()) await new Promise((resolve) => setImmediate(resolve))
  socket.destroy()
  expect(await received).toEqual({
    status: 400,
    slug: 'bad-upload',
    message: 'the connection ended before the upload was complete',
    error: 'CallerGone',
  })
  expect(heldIn(server.dir)).toEqual({ open: 0, seen: [] })
})

test('a sender that stops is refused, and nothing kept', async () => {
  const server = await serve({ idleTimeout: 200 })
  const socket = server.dial()
  const received = server.next()
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${formType}\r\nContent-Length: 1000\r\n\r\n`)
  socket.write(form([file('a.patch'), 'x']).slice(0, 80))
  expect(await received).toEqual({ status: 408, slug: 'stalled', message: 'nothing was received for 0.2 s' })
  expect(heldIn(server.dir)).toEqual({ open: 0, seen: [] })
  socket.destroy()
})
