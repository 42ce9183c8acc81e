import type { Readable } from 'node:stream'

/** One file of an upload, held on disk as long as its upload is. */
export interface UploadedFile {
  /** The name of the form's field: USM's command line puts the file's whole path here too. */
  readonly fieldName: string
  /** As the caller gave it, its path included. */
  readonly fileName: string
  readonly contentType: string
  /** Bytes. */
  readonly size: number
  /** Its bytes from the first one on; any number of readers may read at the same time. */
  readonly open: () => Readable
}

/** What a caller uploaded, received completely and checked. */
export type Upload =
  | { readonly kind: 'files'; readonly files: readonly UploadedFile[]; readonly dispose: () => Promise<void> }
  /** Files that are on the region's controller already. */
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
