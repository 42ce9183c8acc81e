/** Something that Keystone knows by an id, and by a name that is unique in a domain. */
export interface KeystoneName {
  readonly id: string
  readonly name: string
  /** The domain's name. */
  readonly domain: string
}

/** A token of somebody else, as Keystone describes it to who asks whether it holds. */
export interface KeystoneToken {
  readonly user: KeystoneName
  /** Undefined for a token of no project: unscoped, of a domain, or of the whole system. */
  readonly project: KeystoneName | undefined
  /** As Keystone spells them; those of an unscoped token are none. */
  readonly roles: readonly string[]
  /** Ids; Keystone tells the groups of federated users only. */
  readonly groups: readonly string[]
  /** When it ends, by Keystone's clock: ms since the epoch. */
  readonly expires: number
  /** ms that were left of it when Keystone answered. */
  readonly left: number
}
