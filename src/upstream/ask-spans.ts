import type { FailureKind } from '../model/outcome.ts'
import type { Attributes, BeginSpan, Span } from '../model/span.ts'
import type { Trace } from '../model/trace.ts'

/** What came of an ask, as far as it is told. */
export interface CameOfAsk {
  readonly status: string
  readonly kind?: FailureKind
  readonly succeeded?: boolean
}

/** One ask of one region, whose requests are told with what they are for. */
export interface AskSpans {
  /** To run the ask in. */
  readonly trace: Trace
  end(dialect: string | undefined, came: CameOfAsk): void
}

/**
 * What an answer was good for is known only once it was read, so a request is told when the next one is, or when the ask has
 * ended. The only request of an ask tells its outcome; where there were several, or none, a span beside them does:
 * which of them it is about, nobody says. Undefined where nobody is told.
 */
export function spansOfAsk(
  trace: Trace,
  call: string,
  about: { readonly region: string; readonly service: string },
): AskSpans | undefined {
  const { telling } = trace
  if (telling === undefined) return undefined
  const began = performance.now()
  const common: Attributes = {
    'fleet.region_name': about.region,
    'fleet.service': about.service,
    'fleet.call': call,
  }
  let requests = 0
  let last: { readonly span: Span; readonly failure: string | undefined; readonly at: number } | undefined

  const begin: BeginSpan = (name, kind, attributes, at) => {
    if (kind !== 'region') return telling.begin(name, kind, { ...attributes, ...common }, at)
    requests++
    const span = telling.begin(`${attributes['http.request.method']} ${call}`, kind, {
      ...attributes,
      ...common,
    })
    return {
      ...span,
      end(failure) {
        last?.span.end(last.failure, last.at)
        last = { span, failure, at: performance.now() }
      },
    }
  }

  return {
    trace: { ...trace, telling: { ...telling, begin } },
    end(dialect, { status, kind, succeeded }) {
      const failure = kind ?? (succeeded === false ? 'rejected' : undefined)
      const only = requests === 1 ? last : undefined
      if (!only) last?.span.end(last.failure, last.at)
      // What failed before anything was sent has a span too: else nothing would show it.
      const beside = requests > 1 || failure !== undefined
      const span = only?.span ?? (beside ? telling.begin(`ask ${call}`, 'own', common, began) : undefined)
      span?.add({
        'fleet.outcome': failure ?? status,
        ...(dialect !== undefined && { 'fleet.dialect': dialect }),
      })
      span?.end(failure, only?.at)
    },
  }
}
