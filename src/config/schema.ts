import { z } from 'zod'
import { auth, limits } from './auth-schema.ts'
import { discovery } from './discovery-schema.ts'
import { tracing } from './tracing-schema.ts'
import { duration, endpoint, label, limit, name, serviceEndpoint, size } from './values.ts'

/** What records of regions call their own: `with=` must not put a label in the place of a region's word. */
const reserved = new Set(
  (
    'region_name subcloud_name release_id state sw_version component status unremovable summary description ' +
    'install_instructions warnings reboot_required prepatched_iso preinstalled_patches requires packages ' +
    'activation_scripts metapackages pre_upgrade_deploy from_release to_release feed_repo commit_id options ' +
    'major_release apply_operation initial_kube_version product_deploy hostname software_release target_release ' +
    'host_state ip patch_current secs_since_ack patch_failed stale_details latest_sysroot_commit nodetype ' +
    'subfunctions requires_reboot allow_insvc_patching interim_state installed to_remove missing_pkgs ' +
    'duplicated_pkgs repostate patchstate apply_active_release_only restart_script in_sync metadata contents error'
  ).split(' '),
)
function reservedIn(labels: unknown): string {
  return Object.keys(labels ?? {})
    .filter((key) => reserved.has(key))
    .join(', ')
}

const labels = z
  .record(label, z.union([z.string(), z.number(), z.boolean()]).transform(String))
  .refine((all) => Object.keys(all).every((key) => !reserved.has(key)), {
    error: (issue) => `not a label, as regions use the word themselves: ${reservedIn(issue.input)}`,
  })

const port = z.number().int().min(0).max(65_535)
const tls = z.strictObject({ cert_file: z.string().min(1), key_file: z.string().min(1) })
const loopback = z.string().regex(/^(127(\.\d{1,3}){3}|::1|localhost)$/, 'not a loopback address')
const role = z.enum(['reader', 'operator', 'configurator', 'admin'])

const region = z
  .strictObject({
    region_name: name,
    subcloud_name: name.optional(),
    usm: serviceEndpoint.optional(),
    patching: serviceEndpoint.optional(),
    usm_release_writes: serviceEndpoint.optional(),
    keystone: endpoint.optional(),
    keystone_region: name.optional(),
    credentials: z.string().min(1).default('none'),
    labels: labels.default({}),
    maintenance: z.iso.datetime({ offset: true, error: 'not an RFC 3339 time' }).optional(),
    listen: z.strictObject({ host: z.string().default('0.0.0.0'), port, tls: tls.optional() }).optional(),
    sw_patch_listen: z
      .strictObject({
        // Whoever reaches it may read without a token.
        host: loopback.default('127.0.0.1'),
        port,
        anonymous_role: role.default('reader'),
      })
      .optional(),
  })
  .refine((it) => it.usm ?? it.patching ?? it.keystone, {
    message: 'give usm, patching or both, or a keystone whose catalog names them',
  })
  .refine((it) => it.credentials === 'none' || it.keystone, { message: 'credentials need a keystone' })
  .refine((it) => it.credentials !== 'none' || it.usm || it.patching, {
    message: 'without credentials no catalog can be read: give usm, patching or both',
  })

const credential = z.strictObject({
  username: z.string().min(1),
  password_file: z.string().min(1),
  project_name: z.string().min(1).default('services'),
  user_domain_name: z.string().min(1).default('Default'),
  project_domain_name: z.string().min(1).default('Default'),
})

const baseline = z.union([
  z.strictObject({ region_name: name }),
  z.strictObject({ release_ids: z.array(z.string().min(1)).min(1) }),
])

/** The whole configuration, keys as in docs/configuration.md. Unknown keys are mistakes. */
export const configSchema = z.strictObject({
  listen: z
    .strictObject({ host: z.string().default('0.0.0.0'), port: port.default(8080), tls: tls.optional() })
    .prefault({}),
  admin: z.strictObject({ host: z.string().default('127.0.0.1'), port: port.default(9464) }).prefault({}),
  auth,
  limits,
  regions: z.array(region).default([]),
  discovery: z.array(discovery).default([]),
  credentials_for: z
    .array(z.strictObject({ labels: z.record(label, z.string()), credentials: z.string().min(1) }))
    .default([]),
  credentials: z
    .record(z.string().regex(/^(?!none$)./, '"none" is taken: it means no login'), credential)
    .default({}),
  baseline: baseline.optional(),
  audit: z.strictObject({ file: z.string().min(1) }).optional(),
  upload: z
    .strictObject({
      max_size: size.prefault('20GiB'),
      dir: z.string().min(1).optional(),
      reserve: size.prefault('1GiB'),
      idle_timeout: limit.prefault('60s'),
    })
    .prefault({}),
  writes: z.strictObject({ max_per_caller: z.number().int().min(1).default(8) }).prefault({}),
  drain: z.strictObject({ delay: duration.prefault('0s'), timeout: duration.prefault('30s') }).prefault({}),
  state_dir: z.string().min(1).optional(),
  upstream: z
    .strictObject({
      connect_timeout: limit.prefault('3s'),
      first_byte_timeout: limit.prefault('10s'),
      idle_timeout: limit.prefault('5s'),
      read_timeout: limit.prefault('30s'),
      max_response: size.prefault('32MiB'),
      max_in_flight: size.prefault('512MiB'),
      ca_file: z.string().optional(),
      write_timeouts: z
        .strictObject({
          quick: limit.prefault('180s'),
          precheck: limit.prefault('600s'),
          host_deploy: limit.prefault('780s'),
          upload: limit.prefault('1800s'),
        })
        .prefault({}),
    })
    .prefault({})
    .refine((it) => it.connect_timeout <= it.first_byte_timeout && it.first_byte_timeout <= it.read_timeout, {
      message: 'timeouts nest: connect_timeout ≤ first_byte_timeout ≤ read_timeout',
    }),
  refresh: z
    .strictObject({
      interval: duration.prefault('30s'),
      min_age: duration.prefault('10s'),
      ready_after: duration.prefault('60s'),
    })
    .prefault({})
    .refine((it) => it.interval >= 100, { message: 'interval is at least 100ms' }),
  metrics: z.strictObject({ region_labels: z.array(label).default([]) }).prefault({}),
  tracing,
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
})

export type Config = z.output<typeof configSchema>
