import { open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { Problem } from '../../src/api/problem.ts'
import { createSpool, diskAt, type Disk } from '../../src/api/spool.ts'
import { createUploadSetup, file, form, formType } from './upload-setup.ts'

const serve = createUploadSetup()
const GiB = 2 ** 30
const MiB = 2 ** 20

/** A file system of 100 GiB with so much free space, as long as that is not changed. */
function diskWith(free: number, total = 100 * GiB): Disk & { free: number } {
  const disk = {
    free,
    create: () => Promise.reject<FileHandle>(new Error('not here')),
    space: () => Promise.resolve({ free: disk.free, total }),
  }
  return disk
}

const noSpace = new Problem(
  507,
  'insufficient-storage',
  'the gateway has too little free space for this upload',
)

test('what fits beside the reserve is let in', async () => {
  const spool = createSpool(diskWith(3 * GiB), GiB)
  await expect(spool.admit(2 * GiB + 1)).rejects.toEqual(noSpace)
  await expect(spool.admit(2 * GiB)).resolves.toBeDefined()
})

test('on a small file system a twentieth is reserve enough', async () => {
  const spool = createSpool(diskWith(600 * MiB, GiB), GiB)
  await expect(spool.admit(540 * MiB)).resolves.toBeDefined()
})

test('what was promised to one upload is not promised to another, until it left or was written', async () => {
  const disk = diskWith(3 * GiB)
  const spool = createSpool(disk, GiB)
  const first = await spool.admit(1.5 * GiB)
  await expect(spool.admit(GiB)).rejects.toEqual(noSpace)
  await first.take(GiB)
  disk.free -= GiB
  await expect(spool.admit(GiB)).rejects.toEqual(noSpace)
  first.leave()
  first.leave()
  await expect(spool.admit(GiB)).resolves.toBeDefined()
  await expect(spool.admit(1)).rejects.toEqual(noSpace)
})

test('an upload of unknown length goes on as long as there is space', async () => {
  const disk = diskWith(2 * GiB)
  const room = await createSpool(disk, GiB).admit(undefined)
  await room.take(31 * MiB)
  disk.free = GiB + 40 * MiB
  await room.take(MiB)
  disk.free = GiB + 8 * MiB
  await room.take(31 * MiB)
  await expect(room.take(MiB)).rejects.toEqual(noSpace)
})

test('where nothing is left even an upload of unknown length is not let in', async () => {
  await expect(createSpool(diskWith(GiB), GiB).admit(undefined)).rejects.toEqual(noSpace)
})

test('the space of a real folder is what its file system says', async () => {
  const { free, total } = await diskAt(tmpdir()).space()
  expect(free).toBeGreaterThan(0)
  expect(total).toBeGreaterThanOrEqual(free)
})

test('an announced upload that does not fit is refused before it is received', async () => {
  const server = await serve({ disk: () => diskWith(GiB), reserve: GiB })
  expect(await server.post(form([file('a.patch'), 'x']))).toEqual({
    status: 507,
    slug: 'insufficient-storage',
    message: 'the gateway has too little free space for this upload',
  })
})

test('an upload of unknown length is refused when the disk fills up meanwhile', async () => {
  let free = 2 * GiB
  const server = await serve({
    maxSize: GiB,
    reserve: GiB,
    disk: (dir) => ({
      ...diskAt(dir),
      space() {
        free -= 512 * MiB
        return Promise.resolve({ free: free + 512 * MiB, total: 100 * GiB })
      },
    }),
  })
  const body = form([file('a.patch'), 'x'.repeat(100 * MiB)])
  expect(await server.postChunked(body)).toMatchObject({ status: 507 })
})

test('a refused upload gives back what was promised to it', async () => {
  const server = await serve({
    reserve: GiB,
    disk: (dir) => ({ ...diskAt(dir), space: diskWith(GiB + MiB).space }),
  })
  const content = 'x'.repeat(700_000)
  const refused = form(['Content-Disposition: form-data; name="a"', content])
  expect(await server.post(refused)).toMatchObject({ status: 400 })
  expect((await server.post(form([file('a.patch'), content]))).files).toHaveLength(1)
})

test('a disk that fills up refuses the upload, and its file is closed', async () => {
  const handles: FileHandle[] = []
  const create = async (): Promise<FileHandle> => {
    const handle = await open('/dev/full', 'r+')
    handles.push(handle)
    return handle
  }
  const server = await serve({ disk: (dir) => ({ ...diskAt(dir), create }) })
  expect(await server.post(form([file('a.patch'), 'x'], [file('b.patch'), 'y']))).toMatchObject({
    status: 507,
  })
  expect(handles.map(({ fd }) => fd)).toEqual(handles.map(() => -1))
  expect(handles.length).toBeGreaterThan(0)
})

test('a folder that is not there is our own fault, not the caller’s', async () => {
  const server = await serve({ disk: () => diskAt('/nowhere/at/all') })
  expect(await server.post(form([file('a.patch'), 'x']), formType)).toEqual({
    error: expect.stringContaining('ENOENT'),
  })
})
