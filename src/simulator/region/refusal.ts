/** What a handler of USM or Patching says of how it went. */
export interface Message {
  readonly info: string
  readonly warning: string
  readonly error: string
}

export function said(info: string, error = '', warning = ''): Message {
  return { info, warning, error }
}

/** An exception that upstream's error hook words: 406 with the reason in `error`, or now and then in `info`. */
export class Refusal extends Error {
  readonly info: string
  readonly error: string

  constructor(error: string, info = '') {
    super(error || info)
    this.info = info
    this.error = error
  }
}

/** Upstream's own code breaks here: a 500 with a signature. */
export class Broken extends Error {}

/** The whole Patching daemon goes down here. */
export class Crash extends Error {}
