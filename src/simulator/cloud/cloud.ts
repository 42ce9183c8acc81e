import type { Dcmanager, Listing } from '../dcmanager/dcmanager.ts'
import { createDcmanager } from '../dcmanager/dcmanager.ts'
import type { RegionPlan } from '../fleetPlan.ts'
import { addedPlan } from '../fleetPlan.ts'
import type { KeystoneOptions } from '../keystone/account.ts'
import type { KeystoneChange } from '../keystone/keystone.ts'
import { createTokenStore } from '../keystone/tokens.ts'
import { createRandom } from '../random.ts'
import type { Surroundings } from '../region/listeners.ts'
import type { SimRegion } from '../region/region.ts'
import type { Authority, CertificateKind } from '../tls/authority.ts'
import type { NewSubcloud, Renewal, SubcloudChange } from './change.ts'
import type { Member } from './member.ts'
import { createMember } from './member.ts'

/** What makes single regions a distributed cloud; the first region is its system controller. */
export interface CloudOptions {
  /** Each region gets a Keystone, and USM and Patching want its tokens. */
  readonly keystone?: KeystoneOptions
  /** The system controller lists its subclouds; needs `keystone`. */
  readonly dcmanager?: boolean
  /** Everything listens on its admin port with TLS; `folder`: where the authority's file goes. */
  readonly tls?: boolean | { readonly folder?: string }
}

/** Where things are; null: not there. */
export interface CloudView {
  readonly keystone: string | null
  readonly dcmanager: string | null
  readonly ca_file: string | null
  readonly user: string | null
  readonly project: string | null
}

/** The distributed cloud as tests and people change it; asking for what was not started throws a sentence. */
export interface Cloud {
  view(): CloudView
  /** Of one region, or of all. */
  changeKeystone(change: KeystoneChange, region?: string): void
  subclouds(): SubcloudView[]
  addSubcloud(wish: NewSubcloud): Promise<void>
  /** From the list; the region itself stays as it is. */
  removeSubcloud(name: string): void
  changeSubcloud(name: string, change: SubcloudChange): Promise<void>
  setListing(listing: Listing): void
  /** What dcmanager's list holds that nobody may pass on. */
  secrets(): string[]
  /** A new root in the file beside the old one; the servers follow with `renewCa`. */
  prepareCa(): Promise<void>
  renewCa(renewal?: Renewal): Promise<void>
  publishCa(which: 'both' | 'new'): Promise<void>
  setCertificate(region: string, kind: CertificateKind): Promise<void>
}

export interface SubcloudView {
  readonly name: string
  readonly region_name: string
  readonly address: string
  readonly managed: boolean
  readonly online: boolean
  readonly group: string
}

export interface CloudContext {
  readonly seed: number
  /** Some subclouds are unmanaged. */
  readonly mixed: boolean
  readonly find: (name: string) => SimRegion | undefined
  readonly freeAddress: () => string
  /** Starts another region. */
  readonly grow: (plan: RegionPlan) => Promise<void>
  readonly now: () => number
}

/** The cloud, and what only the simulator does with it. */
export interface RunningCloud extends Cloud {
  admit(plan: RegionPlan, host: string, create: (around: Surroundings) => SimRegion): Promise<SimRegion>
  close(): Promise<void>
}

export async function createCloud(options: CloudOptions, context: CloudContext): Promise<RunningCloud> {
  const { seed, now, find } = context
  if (options.dcmanager && !options.keystone) throw new Error('dcmanager needs a Keystone')
  const members: Member[] = []
  const shared = createTokenStore()
  const authority = await authorityOf(options)
  let dcmanager: Dcmanager | undefined
  let prepared = false

  const memberOf = (name: string): Member => {
    const region = find(name)
    const member = members.find((each) => each.region === region)
    if (!member) throw new Error(`no region ${name}`)
    return member
  }
  const central = () => members[0]?.region.endpoints() ?? {}
  const listed = () => there(dcmanager, 'dcmanager')
  const trusted = () => there(authority, 'TLS')
  const certify = async (member: Member, host: string) => {
    const { subcloud } = member.region.plan()
    return authority?.context({ ip: host, name: subcloud, kind: member.certificate })
  }

  return {
    async admit(plan, host, create) {
      const isCentral = members.length === 0
      const { keystone } = options
      const first = await authority?.context({ ip: host, name: plan.subcloud, kind: 'good' })
      const store = keystone?.sharedKeys ? shared : createTokenStore()
      const member = createMember({
        ...(keystone ? { keystone: { options: keystone, store } } : {}),
        ...(first ? { certified: first } : {}),
        ...(isCentral && options.dcmanager
          ? { dcmanager: (its, check) => (dcmanager = createDcmanager({ seed, keystone: its, check, now })) }
          : {}),
        isCentral,
        subclouds: () =>
          dcmanager?.rows().map(({ region }) => region) ?? members.slice(1).map(({ region }) => region),
        create,
        now,
      })
      members.push(member)
      if (isCentral) return member.region
      const row = dcmanager?.add(member.region)
      const unmanaged = context.mixed && createRandom(seed, `management of ${plan.name}`).chance(0.04)
      if (row && unmanaged) row.managed = false
      return member.region
    },
    view: () => ({
      keystone: central().keystone ?? null,
      dcmanager: central().dcmanager ?? null,
      ca_file: authority?.file ?? null,
      user: options.keystone?.user ?? null,
      project: members[0]?.keystone?.account.project ?? null,
    }),
    changeKeystone(change, region) {
      const changed = region === undefined ? members : [memberOf(region)]
      for (const { keystone } of changed) there(keystone, 'Keystone').change(change)
    },
    subclouds: () =>
      listed()
        .rows()
        .map(({ region, managed, online, group }) => {
          const { name, subcloud } = region.plan()
          return { name: subcloud, region_name: name, address: region.host(), managed, online, group }
        }),
    async addSubcloud(wish) {
      const known = find(wish.name)
      if (known) listed().add(known)
      else await context.grow(addedPlan(wish, seed))
    },
    removeSubcloud: (name) => listed().remove(memberOf(name).region),
    async changeSubcloud(name, { rename, move, managed, online, group }) {
      const member = memberOf(name)
      const row = listed().row(member.region)
      if (rename !== undefined) member.region.rename(rename)
      if (move) {
        const host = context.freeAddress()
        const next = await certify(member, host)
        if (next) member.context = next
        await member.region.move(host)
      }
      row.managed = managed ?? row.managed
      row.online = online ?? row.online
      row.group = group ?? row.group
      listed().touched(row)
    },
    setListing: (listing) => listed().setListing(listing),
    secrets: () =>
      listed()
        .rows()
        .flatMap((row) => [row.bmcPassword, row.bootstrapPassword]),
    async prepareCa() {
      await trusted().renew()
      await trusted().publish('both')
      prepared = true
    },
    async renewCa({ bundle = 'both' } = {}) {
      if (!prepared) await trusted().renew()
      prepared = false
      if (bundle === 'both') await trusted().publish('both')
      const next = []
      for (const member of members) next.push(await certify(member, member.region.host()))
      for (const [i, member] of members.entries()) {
        const made = next[i]
        if (made) member.context = made
      }
      if (bundle === 'new') await trusted().publish('new')
    },
    publishCa: (which) => trusted().publish(which),
    async setCertificate(region, kind) {
      trusted()
      const member = memberOf(region)
      member.certificate = kind
      const next = await certify(member, member.region.host())
      if (next) member.context = next
    },
    close: async () => authority?.close(),
  }
}

/** Loaded only where it is wanted: its library is there for development alone. */
async function authorityOf({ tls }: CloudOptions): Promise<Authority | undefined> {
  if (tls === undefined || tls === false) return undefined
  const { createAuthority } = await import('../tls/authority.ts')
  return createAuthority(tls === true ? undefined : tls.folder)
}

function there<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`this simulator was started without ${name}`)
  return part
}
