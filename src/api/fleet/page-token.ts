import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Caller } from '../caller.ts'
import { bad } from '../parameters.ts'
import { Problem } from '../problem.ts'
import type { Shown, Views } from './views.ts'

/** Whom and what a page is for: a token serves nobody else, and no other question. */
export interface Bound {
  readonly caller: Caller
  /** The path and the parameters. */
  readonly question: string
}

export interface PageTokens {
  /** For the page that begins at `from`. */
  issue(shown: Shown, from: number, bound: Bound): string
  /** Throws a 410 `Problem` where the snapshot is not kept any more, a 400 where the token is another's. */
  open(token: string, bound: Bound): { readonly shown: Shown; readonly from: number }
}

/** Signed with a key that nobody knows, not even after a restart. */
export function createPageTokens(views: Pick<Views, 'kept'>): PageTokens {
  const key = randomBytes(32)

  function sign(shown: Shown, from: number, { caller, question }: Bound): Buffer {
    const { issuer, subject } = caller
    const names = shown.view.regions
      .filter(({ region }) => caller.scope(region))
      .map(({ region }) => region.name)
    // What the caller may see, not how it is written: roles and scopes change with the next token.
    const scope = hash('sha256', names.join('\n'))
    const text = JSON.stringify([shown.snapshot, from, issuer, subject, scope, question])
    return createHmac('sha256', key).update(text).digest()
  }

  return {
    issue: (shown, from, bound) =>
      Buffer.from(`${shown.snapshot}.${from}.${sign(shown, from, bound).toString('base64url')}`).toString(
        'base64url',
      ),
    open(token, bound) {
      const text = Buffer.from(token, 'base64url').toString('latin1')
      const [, snapshot, digits, signature] =
        /^([\w-]{8}\.\d{1,15})\.(\d{1,9})\.([\w-]{43})$/.exec(text) ?? []
      if (snapshot === undefined) throw bad('page_token', 'not one of this gateway')
      const shown = views.kept(snapshot)
      if (shown === undefined) {
        throw new Problem(
          410,
          'gone',
          'the snapshot of this page_token is kept no more: ask again without it',
        )
      }
      const from = Number(digits)
      if (!timingSafeEqual(Buffer.from(signature ?? '', 'base64url'), sign(shown, from, bound))) {
        throw bad('page_token', 'it belongs to another caller, or to other parameters')
      }
      return { shown, from }
    },
  }
}
