import type { Acted } from '../fleet/act.ts'
import type { FailedAsk } from '../fleet/ask.ts'
import type { Region } from '../model/region.ts'
import type { WriteOutcome } from './audit.ts'
import { Problem } from './problem.ts'

/** What a caller gets for a call of one region: the region's own answer, or why there is none. */
export type RegionAnswer =
  | {
      readonly status: number
      readonly value: unknown
      readonly outcome: WriteOutcome
      readonly error: string
    }
  | { readonly problem: Problem; readonly outcome: WriteOutcome }

/** s; a front that has no service behind it, or a turn that did not come, is worth another try soon. */
const soon = 5

export function toRegionAnswer(region: Region, acted: Acted, isWrite: boolean, now: number): RegionAnswer {
  const problem = (
    status: Problem['status'],
    slug: Problem['slug'],
    message: string,
    more: { readonly kind?: string; readonly retryAfter?: number; readonly sent?: boolean } = {},
  ): Problem => {
    const { retryAfter, ...extra } = more
    return new Problem(status, slug, `${region.subcloud}: ${message}`, {
      ...(retryAfter !== undefined && {
        headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) },
      }),
      extra: { region_name: region.name, ...extra },
    })
  }

  switch (acted.status) {
    case 'answered': {
      const { http, value, succeeded, error } = acted
      return { status: http, value, outcome: succeeded ? 'done' : 'failed', error }
    }
    case 'refused':
      return { problem: problem(isWrite ? 409 : 404, 'not-supported', acted.reason), outcome: 'refused' }
    case 'paused': {
      const { cause, until } = acted
      const more = { kind: 'backed_off', retryAfter: (until - now) / 1000, sent: false }
      return {
        problem: problem(
          503,
          'backed-off',
          `nothing was sent, its service restarts after: ${cause.message}`,
          more,
        ),
        outcome: 'failed',
      }
    }
    case 'unknown': {
      const { kind, message } = acted.cause
      const detail = `${message}; it was sent; state now: ${acted.now}`
      const status = kind === 'timeout' ? 504 : 502
      return { problem: problem(status, 'answer-lost', detail, { kind, sent: true }), outcome: 'unknown' }
    }
    case 'failed': {
      const { kind, message, sent } = acted
      const status = statusOf(acted)
      const more = { kind, sent, ...(status === 503 && { retryAfter: soon }) }
      return { problem: problem(status, 'region-failed', message, more), outcome: 'failed' }
    }
  }
}

function statusOf({ kind, http }: FailedAsk): 502 | 503 | 504 {
  if (kind === 'timeout') return 504
  return kind === 'backed_off' || http === 503 ? 503 : 502
}
