import type { ClientCall } from './client-call.ts'
import { dcmanager } from './dcmanager.ts'
import { softwareCli } from './software-cli.ts'
import { swPatchCli } from './sw-patch-cli.ts'
import { vim, vimPatching } from './vim.ts'

/** What the commands are about. */
export interface RuleSubjects {
  readonly token: string
  readonly release: string
  readonly host: string
  readonly patch: string
}

/** Every command of every real client: how it asks, and what it needs of the answer. */
export function readingRules(subjects: RuleSubjects): ClientCall[] {
  const releases = ['10', '11', '12', 'master'] as const
  return [
    ...releases.flatMap((release) => softwareCli(release, subjects)),
    ...(['6', '8', '9'] as const).flatMap((release) => swPatchCli(release, subjects)),
    ...releases.flatMap((release) => dcmanager(release, { ...subjects, ids: [subjects.release] })),
    ...releases.flatMap((release) => vim(release, subjects)),
    ...vimPatching(subjects),
  ]
}
