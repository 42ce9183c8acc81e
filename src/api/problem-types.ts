/** One way in which a type of problem comes about. */
export interface ProblemCase {
  readonly statuses: readonly number[]
  /** A sentence's part: "when …"; what stands between backticks is code. */
  readonly when: string
}

/** Every type of problem, `/problems/SLUG`: its title, which never changes, and when it is told. */
export const problemTypes = {
  'bad-parameter': {
    title: 'A parameter is unknown or malformed',
    cases: [
      { statuses: [400], when: 'a parameter is unknown or malformed; the text names it and what is allowed' },
    ],
  },
  'malformed-request': {
    title: 'The request is malformed',
    cases: [
      {
        statuses: [400, 431],
        when: 'not HTTP, no Host or more than one, HTTP/0.9, a target or Host that makes no URL, or a head of more than 64 KiB',
      },
    ],
  },
  unauthenticated: {
    title: 'No credential that this gateway accepts',
    cases: [{ statuses: [401], when: 'no token, two credentials, or a token that could not be verified' }],
  },
  forbidden: {
    title: 'The role is too small',
    cases: [{ statuses: [403], when: 'the role is too small for what was asked' }],
  },
  'unknown-region': {
    title: 'No such region',
    cases: [{ statuses: [404], when: 'an exact name that nobody has, or that the caller may not see' }],
  },
  'unknown-release': {
    title: 'No such release',
    cases: [
      {
        statuses: [404],
        when: 'every region that has the call answered (none is stale, failed or in maintenance), and none has that release',
      },
    ],
  },
  'not-supported': {
    title: 'Not possible in the release of the region',
    cases: [
      {
        statuses: [404],
        when: 'one object of one region was asked for, or a read of one region, and its release has no such call',
      },
      { statuses: [409], when: "a write that the region's release can't do; nothing was sent" },
      {
        statuses: [400],
        when: "a call that is refused everywhere, as it names files of the region's controller",
      },
    ],
  },
  'not-found': { title: 'No such path', cases: [{ statuses: [404], when: 'no such path' }] },
  'method-not-allowed': {
    title: 'Method not allowed',
    cases: [{ statuses: [405], when: 'another method; `Allow` names those that are possible' }],
  },
  incomplete: {
    title: 'The answer is less complete than was asked for',
    cases: [{ statuses: [503], when: '`min_completeness`, `require` or `partial=deny` was not met' }],
  },
  'no-data': {
    title: 'No region gave data',
    cases: [{ statuses: [503], when: 'at least one region supports the call, and none gave data' }],
  },
  gone: {
    title: 'The snapshot is gone',
    cases: [
      {
        statuses: [410],
        when: 'the page token is older than two minutes, or from before a restart, or too many later ones took its place: ask again without it',
      },
    ],
  },
  'identity-provider-down': {
    title: 'The identity provider is down',
    cases: [
      {
        statuses: [503],
        when: "a token could not be verified: its issuer's keys could not be fetched, or Keystone gave no verdict (the log says why)",
      },
    ],
  },
  internal: {
    title: 'The gateway failed',
    cases: [{ statuses: [500], when: 'our own fault; the log has the reason under the request id' }],
  },
  'bad-upload': {
    title: 'The upload is malformed',
    cases: [
      {
        statuses: [400],
        when: 'no file, a plain field, a name that no region could keep, the same file name twice, an empty file, more than 16 files, a body that is malformed or ends midway, a path that is not plainly absolute',
      },
    ],
  },
  'too-large': {
    title: 'Too large',
    cases: [
      {
        statuses: [413],
        when: 'more than `upload.max_size`, a list of paths of more than 64 KiB, or another body of more than 256 KiB',
      },
    ],
  },
  'unsupported-media-type': {
    title: 'Unsupported media type',
    cases: [
      {
        statuses: [415],
        when: 'an upload that is neither multipart/form-data nor text/plain, or that is compressed; another body that is neither JSON nor a form',
      },
    ],
  },
  stalled: {
    title: 'The sender stalled',
    cases: [{ statuses: [408], when: 'the sender of an upload paused for more than `upload.idle_timeout`' }],
  },
  'insufficient-storage': {
    title: 'Not enough storage',
    cases: [{ statuses: [507], when: '`upload.dir` has too little free space beside `upload.reserve`' }],
  },
  'ambiguous-region': {
    title: 'Several regions have this name',
    cases: [{ statuses: [409], when: 'several regions have this subcloud name' }],
  },
  'too-many-writes': {
    title: 'Too many writes under way',
    cases: [{ statuses: [429], when: '`writes.max_per_caller` are under way' }],
  },
  'too-many-requests': {
    title: 'Too many requests of this caller',
    cases: [
      { statuses: [429], when: 'the limits of one caller (`limits`): `Retry-After` says when to come again' },
    ],
  },
  'too-many-tokens': {
    title: 'Too many tokens that nobody knows',
    cases: [
      {
        statuses: [503],
        when: 'too many tokens that nobody knows are being checked with Keystone: `Retry-After` says when to come again',
      },
    ],
  },
  'region-failed': {
    title: 'The region gave no usable answer',
    cases: [
      {
        statuses: [502, 503, 504],
        when: "one region was asked and gave no usable answer: `kind` says why, `sent: false` that nothing can have happened. 504 is a timeout, 503 (with `Retry-After`) a front without its service, or a write's turn that did not come",
      },
    ],
  },
  'answer-lost': {
    title: 'A write was sent and its answer lost',
    cases: [
      {
        statuses: [502, 504],
        when: 'a write was sent and its answer lost: the text says what the region says since. It is never sent again',
      },
    ],
  },
  'backed-off': {
    title: 'The region is left alone for a while',
    cases: [
      {
        statuses: [503],
        when: "nothing was sent: the region's Patching restarts after a 500, `Retry-After` says for how long",
      },
    ],
  },
  stopping: {
    title: 'The gateway stops',
    cases: [
      {
        statuses: [503],
        when: 'nothing was sent: the gateway stops, and the write had not begun, or the answer was not there, when `drain.timeout` was over',
      },
    ],
  },
} as const satisfies Readonly<
  Record<string, { readonly title: string; readonly cases: readonly ProblemCase[] }>
>
export type ProblemSlug = keyof typeof problemTypes
