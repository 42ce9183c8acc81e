import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { UploadedFile } from '../../src/model/upload.ts'
import { multipartBody } from '../../src/upstream/multipart.ts'

function file(name: string, text: string, more: Partial<UploadedFile> = {}): UploadedFile {
  const bytes = Buffer.from(text)
  const open = (): Readable => Readable.from([bytes])
  return {
    fieldName: name,
    fileName: name,
    contentType: 'application/octet-stream',
    size: bytes.length,
    open,
    ...more,
  }
}

test('files go out in order, under the caller’s own names, with exact length', async () => {
  const body = multipartBody([file('/home/sysadmin/x.iso', 'iso data'), file('/home/sysadmin/x.sig', 'é')])
  const boundary = /^multipart\/form-data; boundary=([\w-]{40,70})$/.exec(body.contentType)?.[1] ?? ''
  const sent = await buffer(body.stream())
  expect(sent.toString()).toBe(
    `--${boundary}\r\nContent-Disposition: form-data; name="/home/sysadmin/x.iso"; filename="/home/sysadmin/x.iso"\r\n` +
      `Content-Type: application/octet-stream\r\n\r\niso data\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="/home/sysadmin/x.sig"; filename="/home/sysadmin/x.sig"\r\n` +
      `Content-Type: application/octet-stream\r\n\r\né\r\n--${boundary}--\r\n`,
  )
  expect(body.length).toBe(sent.length)
})

test('a body can be sent to region after region', async () => {
  const body = multipartBody([file('a.patch', 'patch')])
  expect(await buffer(body.stream())).toEqual(await buffer(body.stream()))
})

test('no two bodies have the same boundary', () => {
  const types = Array.from({ length: 100 }, () => multipartBody([]).contentType)
  expect(new Set(types).size).toBe(100)
})

test('what a form parser of the platform reads is what was put in', async () => {
  const files = [
    file('file', 'a\r\n--b\r\n', { fileName: 'x.patch', contentType: 'text/x-diff' }),
    file('b c', ''),
  ]
  const body = multipartBody(files)
  const form = await new Response(await buffer(body.stream()), {
    headers: { 'content-type': body.contentType },
  }).formData()
  const first = form.get('file')
  const second = form.get('b c')
  if (!(first instanceof File) || !(second instanceof File)) throw new Error('not a file')
  expect([first.name, first.type, await first.text()]).toEqual(['x.patch', 'text/x-diff', 'a\r\n--b\r\n'])
  expect([second.name, second.size]).toEqual(['b c', 0])
})

test('a file that can not be read fails the body', async () => {
  const broken = file('a', 'x', {
    open: () =>
      new Readable({
        read() {
          this.destroy(new Error('EIO'))
        },
      }),
  })
  await expect(buffer(multipartBody([broken]).stream())).rejects.toThrow('EIO')
})

test.each([
  ['a name that ends its quotes', { fileName: 'a"; filename="b' }],
  ['a name that ends its line', { fieldName: 'a\r\nX-Other: 1' }],
  ['a name with an escape', { fileName: 'a\\' }],
  ['a name other than ASCII', { fileName: 'é' }],
  ['a type that ends its line', { contentType: 'text/plain\r\nX-Other: 1' }],
])('%s is not sent', (_, more) => {
  expect(() => multipartBody([file('a', 'x', more)])).toThrow(/^a (name|content type)/)
})
