/** What is told of a piece of work, by the names of OpenTelemetry's conventions or below `fleet.`. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** A piece of work under way: told to a collector once it has ended, never if it does not end. */
export interface Span {
  /** W3C Trace Context, for whoever is asked: what is done there is below this. */
  readonly traceparent: string
  add(attributes: Attributes): void
  /** `failure`: of which kind it is, where it failed; `at`: when it ended, by `performance.now()`. */
  end(failure?: string, at?: number): void
}

/** Whom the work waits for: a region that is asked for the request, another service, or no one outside. */
export type SpanKind = 'region' | 'service' | 'own'

/** Begins a piece of work, now or at `began` (by `performance.now()`). */
export type BeginSpan = (name: string, kind: SpanKind, attributes: Attributes, began?: number) => Span

/** Where the work for one request is told. */
export interface Telling {
  /** Of the request itself. */
  add(attributes: Attributes): void
  readonly begin: BeginSpan
}
