/** What goes wrong in a region until told otherwise; the server stays up and says so itself. */
export const mishaps = [
  /** A minor alarm: a precheck finds it, and a forced one lets it pass. */
  'unhealthy',
  'precheck-crashes',
  'start-fails',
  'agent-dead',
  'host-fails',
  'activate-fails',
  'rollback-fails',
  /** Some host is not unlocked and online. */
  'hosts-locked',
  /** A host that has to reboot isn't locked. */
  'host-unlocked',
  'bad-signature',
  'install-fails',
] as const
export type Mishap = (typeof mishaps)[number]
