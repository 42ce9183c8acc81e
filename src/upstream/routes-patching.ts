import type { Release } from '../model/facts.ts'
import type { Intent } from '../model/intent.ts'
import type { PatchingCall } from '../model/region-calls.ts'
import { field, isObject } from './json.ts'
import { CannotDo, type CallRoute, type CallRoutes } from './route.ts'

/** Reads: the path as asked, by the method that was used. */
const same: CallRoute = { steps: ({ method, path, query }) => [{ method, path: path + query }] }

/** A write that is named by its whole path, with the parameters that Patching reads from the query. */
const once: CallRoute = {
  steps: ({ path, parameters }) => [{ method: 'POST', path: path + queryOf(parameters) }],
}

/**
 * One patch per request, in the order of their dependencies: given two, stx 7 and later take the longest chain among
 * them and drop the rest, or end the daemon (docs/quirks.md, "Several patch ids").
 */
function each(verb: string, order: 'required first' | 'required last', done: RegExp): CallRoute {
  return {
    async steps({ ids, parameters }, look) {
      const unique = [...new Set(ids)]
      const known = unique.length > 1 ? (await look('query')).items : []
      const ordered = inOrder(unique, known)
      if (order === 'required last') ordered.reverse()
      return ordered.map((id) => ({
        method: 'POST',
        path: `/v1/${verb}/${id}${queryOf(parameters)}`,
        of: id,
      }))
    },
    // Since stx 7 failures may be told as info, beside an empty error.
    succeeded: (value) => done.test(String(isObject(value) ? field(value, 'info') : '')),
  }
}

/** What others of them require comes first; ids that the region does not know stay where they are. */
export function inOrder(ids: readonly string[], known: readonly Release[]): string[] {
  const requires = new Map(known.map((patch) => [patch.id, patch.requires]))
  const ordered: string[] = []
  const seen = new Set<string>()
  function visit(id: string): void {
    if (seen.has(id)) return
    seen.add(id)
    for (const required of requires.get(id) ?? []) visit(required)
    if (ids.includes(id)) ordered.push(id)
  }
  for (const id of ids) visit(id)
  return ordered
}

function queryOf(parameters: Intent['parameters']): string {
  const pairs = Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

const onHost = (verb: string): CallRoute => ({
  steps({ host, force, rollback }) {
    // Regions pass over the word, and install.
    if (rollback) throw new CannotDo('Patching cannot roll back a host')
    return [{ method: 'POST', path: `/v1/${verb}/${host}${force ? '/force' : ''}` }]
  },
})

/** Both eras take the same calls; what differs is in their answers. */
export const patchingCalls: CallRoutes<PatchingCall> = {
  show_patching_version: same,
  query_patches: same,
  query_hosts: same,
  show_patch: same,
  what_requires: same,
  query_dependencies: same,
  is_patch_applied: same,
  is_patch_available: same,
  query_app_dependencies: same,
  commit_patch_dry_run: same,
  upload_patch: {
    steps({ upload }) {
      if (upload?.kind !== 'files')
        throw new CannotDo('Patching takes no paths: upload the patch files instead')
      return upload.files.map((file) => ({
        method: 'POST',
        path: '/v1/upload',
        body: 'upload',
        of: file.fileName,
      }))
    },
  },
  upload_patch_dir: "it names a folder on the region's controller: upload the patch files instead",
  apply_patch: each('apply', 'required first', / is (now|already) in the repo/),
  remove_patch: each('remove', 'required last', / (has been removed from|is not in) the repo/),
  delete_patch: each('delete', 'required last', / has been deleted/),
  commit_patch: each('commit', 'required first', /./),
  install_host: onHost('host_install'),
  install_host_async: onHost('host_install_async'),
  drop_host: onHost('drop_host'),
  init_release: once,
  delete_patch_release: once,
  report_app_dependencies: once,
}
