import { generation } from '../release.ts'
import { Broken, Refusal } from '../refusal.ts'
import type { RegionState, SimRelease } from '../state.ts'
import { releaseById } from '../versions.ts'

/** A file as an upload brings it: by its path on the client, or on the controller. */
export interface UploadedFile {
  readonly path: string
  /** Whether it begins as a gzipped file; local files are what their names say. */
  readonly gzip: boolean
}

export interface UploadAnswer {
  readonly info: string
  readonly warning: string
  readonly error: string
  readonly upload_info: readonly Record<string, { id: string | null; sw_release: string | null }>[]
}

/** Takes uploaded files in; where one of them breaks upstream's code, those before it stay. */
export function upload(state: RegionState, files: readonly UploadedFile[]): UploadAnswer {
  const sorted = [...files].sort((a, b) => (baseName(a.path) < baseName(b.path) ? -1 : 1))
  const of = (extension: string) => sorted.filter(({ path }) => path.endsWith(extension))
  const [patches, isos, signatures] = [of('.patch'), of('.iso'), of('.sig')]
  // stx 9 passes over what it doesn't know (recordings upload-bad-ext).
  if (patches.length + isos.length + signatures.length < sorted.length && generation(state.release) >= 10) {
    throw new Refusal(
      'The file extension is not supported. Supported extensions include .patch, .iso and .sig',
    )
  }
  const [iso] = isos
  const [signature] = signatures
  const answers: UploadAnswer[] = []
  if (iso && signature) answers.push(takeIso(state, iso.path, signature.path))
  else if (iso ?? signature) answers.push(nothing('', 'Missing upgrade file or signature file\n'))
  for (const patch of patches) answers.push(takePatch(state, patch))
  return {
    info: answers.map((answer) => answer.info).join(''),
    warning: '',
    error: answers.map((answer) => answer.error).join(''),
    upload_info: answers.flatMap((answer) => answer.upload_info),
  }
}

/** `--local`: the files must be on the controller (recordings upload-local-*). */
export function localFiles(state: RegionState, paths: readonly string[]): UploadedFile[] {
  const missing = paths.filter((path) => !state.localFiles.includes(path))
  if (missing.length > 0 && generation(state.release) >= 10) {
    throw new Refusal(`File(s) not found on the active controller: ${missing.join(', ')}`)
  }
  return paths.map((path) => ({ path, gzip: true }))
}

function takePatch(state: RegionState, file: UploadedFile): UploadAnswer {
  const name = baseName(file.path)
  // The simulator doesn't open what it is sent: the name tells the version.
  const version = /\d+\.\d+\.\d+/.exec(name)?.[0]
  if (version === undefined || !file.gzip) throw new Broken(`${name} is no patch`)
  const id = `starlingx-${version}`
  const known = releaseById(state, id)
  const info = known ? alreadyThere(state, known) : `${id} is now uploaded\n`
  if (!known && state.mishaps.has('bad-signature')) return nothing('', `Failed to upload release ${id}\n`)
  if (!known) state.releases.push(newRelease(state, id, version, false))
  return { info, warning: '', error: '', upload_info: [{ [name]: { id, sw_release: version } }] }
}

function alreadyThere(state: RegionState, { id, state: name }: SimRelease): string {
  if (name === 'available') return `${id} is already uploaded. Updated metadata only\n`
  return generation(state.release) === 9
    ? `${id} is being or has already been deployed.\n`
    : `${id} is not currently in available state to be deployed.\n`
}

function takeIso(state: RegionState, iso: string, signature: string): UploadAnswer {
  if (state.mishaps.has('bad-signature')) {
    throw new Refusal(`Software ${iso}:${signature} signature validation failed`)
  }
  const version = /\d+\.\d+\.\d+/.exec(baseName(iso))?.[0]
  if (version === undefined) throw new Broken(`${iso} cannot be mounted`)
  const id = `starlingx-${version}`
  const known = releaseById(state, id)
  if (!known) state.releases.push(newRelease(state, id, version, true))
  const nobody = { id: null, sw_release: null }
  return {
    info: known ? `Release ${id} is already uploaded\n` : `${id} is now uploaded\n`,
    warning: '',
    error: '',
    upload_info: [{ [baseName(iso)]: { id, sw_release: version }, [baseName(signature)]: nobody }],
  }
}

function newRelease(state: RegionState, id: string, swVersion: string, major: boolean): SimRelease {
  return {
    id,
    swVersion,
    kind: generation(state.release) >= 99 ? 'product' : 'release',
    state: 'available',
    rebootRequired: major,
    unremovable: major,
    texts: 'given',
    summary: `uploaded ${id}`,
    warnings: '',
    requires: [],
    packages: ['foo_1_amd64.deb'],
    activationScripts: [],
  }
}

function nothing(info: string, error: string): UploadAnswer {
  return { info, warning: '', error, upload_info: [] }
}

function baseName(path: string): string {
  return path.split('/').at(-1) ?? path
}
