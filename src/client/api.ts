// Made from the OpenAPI document by `npm run docs:client`; a test compares.

export interface FleetSummary {
  /** Regions and hosts by `patch_current`: true, false, unknown. */
  readonly patch_current: {
    /** Regions. */
    readonly regions: {
      /** Of how many it is so. */
      readonly true: number
      /** Of how many it is not so. */
      readonly false: number
      /** Of how many it is not known. */
      readonly unknown: number
    }
    /** Hosts that some region tells of. */
    readonly hosts: {
      /** Of how many it is so. */
      readonly true: number
      /** Of how many it is not so. */
      readonly false: number
      /** Of how many it is not known. */
      readonly unknown: number
    }
  }
  /** Regions by `at_baseline`: true, false, unknown. */
  readonly at_baseline: {
    /** Of how many it is so. */
    readonly true: number
    /** Of how many it is not so. */
    readonly false: number
    /** Of how many it is not known. */
    readonly unknown: number
  }
  /** Regions by the version that they run, major and minor. */
  readonly sw_versions: { readonly [name: string]: number }
  /** The 10 releases and patches that most regions have deployed. */
  readonly releases: readonly {
    /** What regions call it. */
    readonly release_id: string
    /** Of USM, or of Patching. */
    readonly kind: 'release' | 'patch'
    /** Regions that know it. */
    readonly regions: number
    /** Regions by the state that it has there. */
    readonly states: { readonly [name: string]: number }
  }[]
  /** Deployments under way. */
  readonly deployments: {
    /** How many. */
    readonly total: number
    /** How many in which state. */
    readonly states: { readonly [name: string]: number }
  }
  /** The 5 problems of most regions. */
  readonly problems: readonly {
    /** The kind of failure (docs/failures.md). */
    readonly kind:
      | 'timeout'
      | 'unreachable'
      | 'tls'
      | 'unauthorized'
      | 'rejected'
      | 'broken'
      | 'malformed'
      | 'too_large'
      | 'backed_off'
    /** What these failures have in common: names, addresses and numbers left out. */
    readonly reason: string
    /** How many regions have it. */
    readonly regions: number
    /** Of how many: those with these labels, or all that are not in a problem above. */
    readonly of: number
    /** What exactly these regions have in common; empty where that is nothing. */
    readonly labels: { readonly [name: string]: string }
    /** The first 20 of them. */
    readonly region_names: readonly string[]
    /** The same, as people call them. */
    readonly subcloud_names: readonly string[]
    /** What could not be read. */
    readonly resources: readonly ('release' | 'deploy' | 'deploy_host' | 'query' | 'query_hosts')[]
    /** One of the messages. */
    readonly example: string
    /** The earliest of the last attempts of each region; null where none was made yet. */
    readonly first_failed_at: string | null
    /** The latest of them. */
    readonly last_failed_at: string | null
  }[]
  /** How many problems there are. */
  readonly problems_total: number
  /** The region whose data is oldest, and its age. */
  readonly oldest: {
    /** Which region. */
    readonly region_name: string
    /** Seconds since it told what is oldest of it. */
    readonly age_s: number
  } | null
}

export interface FleetRegions {
  /** The identity of the region. */
  readonly region_name: string
  /** What operators call the region. */
  readonly subcloud_name: string
  /** Of all that is kept young of it, see `resources`. */
  readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
  /** Whether the last attempt got a usable answer; null before the first, and while skipped. */
  readonly up: boolean | null
  /** What it speaks, of each service that has answered. */
  readonly dialects: readonly string[]
  /** What it runs: its newest deployed release, else what its hosts report. */
  readonly sw_version: string | null
  /** Every host runs what the region has deployed or applied. Null is unknown, never current. */
  readonly patch_current: boolean | null
  /** It is not behind the configured baseline. Null without one, or where unknown. */
  readonly at_baseline: boolean | null
  /** Of the inventory. */
  readonly labels: { readonly [name: string]: string }
  /** How many hosts it tells of; null, as the next three, where it has not told. */
  readonly hosts_total: number | null
  /** Of these, patch-current. */
  readonly hosts_current: number | null
  /** Of these, not patch-current. */
  readonly hosts_not_current: number | null
  /** Of these, not known to be either. */
  readonly hosts_unknown: number | null
  /** Of the deployment that USM tells of; null without one. */
  readonly deployment_state:
    | 'starting'
    | 'deploying'
    | 'activating'
    | 'completed'
    | 'rolling-back'
    | 'failed'
    | 'unknown'
    | null
  /** Seconds since its oldest part was told; null where nothing is held. */
  readonly age_s: number | null
  /** Why it is stale or failed (docs/failures.md). */
  readonly failure_kind:
    | 'timeout'
    | 'unreachable'
    | 'tls'
    | 'unauthorized'
    | 'rejected'
    | 'broken'
    | 'malformed'
    | 'too_large'
    | 'backed_off'
    | null
  /** The same as a sentence. */
  readonly failure_message: string | null
  /** When that attempt ended. */
  readonly failed_at: string | null
  /** The status and age of each part. */
  readonly resources: {
    /** One part. */
    readonly release: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
    }
    /** One part. */
    readonly deploy: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
    }
    /** One part. */
    readonly deploy_host: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
    }
    /** One part. */
    readonly query: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
    }
    /** One part. */
    readonly query_hosts: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
    }
  }
}

export interface FleetRegionsId {
  /** The identity of the region. */
  readonly region_name: string
  /** What operators call the region. */
  readonly subcloud_name: string
  /** Of all that is kept young of it, see `resources`. */
  readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
  /** Whether the last attempt got a usable answer; null before the first, and while skipped. */
  readonly up: boolean | null
  /** What it speaks, of each service that has answered. */
  readonly dialects: readonly string[]
  /** What it runs: its newest deployed release, else what its hosts report. */
  readonly sw_version: string | null
  /** Every host runs what the region has deployed or applied. Null is unknown, never current. */
  readonly patch_current: boolean | null
  /** It is not behind the configured baseline. Null without one, or where unknown. */
  readonly at_baseline: boolean | null
  /** Of the inventory. */
  readonly labels: { readonly [name: string]: string }
  /** How many hosts it tells of; null, as the next three, where it has not told. */
  readonly hosts_total: number | null
  /** Of these, patch-current. */
  readonly hosts_current: number | null
  /** Of these, not patch-current. */
  readonly hosts_not_current: number | null
  /** Of these, not known to be either. */
  readonly hosts_unknown: number | null
  /** Of the deployment that USM tells of; null without one. */
  readonly deployment_state:
    | 'starting'
    | 'deploying'
    | 'activating'
    | 'completed'
    | 'rolling-back'
    | 'failed'
    | 'unknown'
    | null
  /** Seconds since its oldest part was told; null where nothing is held. */
  readonly age_s: number | null
  /** Why it is stale or failed (docs/failures.md). */
  readonly failure_kind:
    | 'timeout'
    | 'unreachable'
    | 'tls'
    | 'unauthorized'
    | 'rejected'
    | 'broken'
    | 'malformed'
    | 'too_large'
    | 'backed_off'
    | null
  /** The same as a sentence. */
  readonly failure_message: string | null
  /** When that attempt ended. */
  readonly failed_at: string | null
  /** Of each part its status, its age, and how it was asked last. */
  readonly resources: {
    /** One part. */
    readonly release: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
      /** When it was told. */
      readonly observed_at?: string
      /** How many records there are. */
      readonly records?: number
      /** The failure as a sentence. */
      readonly message?: string
      /** When the failed attempt ended. */
      readonly failed_at?: string
      /** When it was asked last. */
      readonly asked_at?: string
      /** How long that took, ms. */
      readonly took_ms?: number
      /** What came of it. */
      readonly asked?: string
    }
    /** One part. */
    readonly deploy: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
      /** When it was told. */
      readonly observed_at?: string
      /** How many records there are. */
      readonly records?: number
      /** The failure as a sentence. */
      readonly message?: string
      /** When the failed attempt ended. */
      readonly failed_at?: string
      /** When it was asked last. */
      readonly asked_at?: string
      /** How long that took, ms. */
      readonly took_ms?: number
      /** What came of it. */
      readonly asked?: string
    }
    /** One part. */
    readonly deploy_host: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
      /** When it was told. */
      readonly observed_at?: string
      /** How many records there are. */
      readonly records?: number
      /** The failure as a sentence. */
      readonly message?: string
      /** When the failed attempt ended. */
      readonly failed_at?: string
      /** When it was asked last. */
      readonly asked_at?: string
      /** How long that took, ms. */
      readonly took_ms?: number
      /** What came of it. */
      readonly asked?: string
    }
    /** One part. */
    readonly query: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
      /** When it was told. */
      readonly observed_at?: string
      /** How many records there are. */
      readonly records?: number
      /** The failure as a sentence. */
      readonly message?: string
      /** When the failed attempt ended. */
      readonly failed_at?: string
      /** When it was asked last. */
      readonly asked_at?: string
      /** How long that took, ms. */
      readonly took_ms?: number
      /** What came of it. */
      readonly asked?: string
    }
    /** One part. */
    readonly query_hosts: {
      /** How it ended. */
      readonly status: 'fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped'
      /** Seconds since it was told. */
      readonly age_s?: number
      /** The kind of failure. */
      readonly kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
      /** Why it is unsupported or skipped. */
      readonly reason?: string
      /** When it was told. */
      readonly observed_at?: string
      /** How many records there are. */
      readonly records?: number
      /** The failure as a sentence. */
      readonly message?: string
      /** When the failed attempt ended. */
      readonly failed_at?: string
      /** When it was asked last. */
      readonly asked_at?: string
      /** How long that took, ms. */
      readonly took_ms?: number
      /** What came of it. */
      readonly asked?: string
    }
  }
  /** Of each service its dialect, and how that was found out. */
  readonly services: { readonly [name: string]: unknown }
  /** When its earliest back-off ends. */
  readonly retry_at: string | null
  /** The last different failures, the newest first; they stay when the region answers again. */
  readonly failures: readonly { readonly [name: string]: unknown }[]
  /** Its releases and patches. */
  readonly releases: readonly { readonly [name: string]: unknown }[]
  /** Its deployment, if any. */
  readonly deployments: readonly { readonly [name: string]: unknown }[]
  /** Its hosts. */
  readonly hosts: readonly { readonly [name: string]: unknown }[]
}

export interface FleetHosts {
  /** The identity of the region. */
  readonly region_name: string
  /** What operators call the region. */
  readonly subcloud_name: string
  /** The inventory's labels of the region. */
  readonly labels?: { readonly [name: string]: string }
  /** Unique in its region. */
  readonly hostname: string
  /** As Patching tells it; USM does not. */
  readonly node_type: string | null
  /** What it runs. */
  readonly sw_version: string | null
  /** What it is moved to, during a deployment of USM. */
  readonly target_version: string | null
  /** Whether it runs what its region has deployed or applied. Null is unknown, never current. */
  readonly patch_current: boolean | null
  /** What it is doing about its software (docs/facts.md). */
  readonly state:
    | 'idle'
    | 'pending'
    | 'deploying'
    | 'deployed'
    | 'rolling-back'
    | 'rolled-back'
    | 'failed'
    | 'unknown'
  /** The region's own word. */
  readonly native_state: string | null
  /** Whether it has to be rebooted for what is applied. */
  readonly reboot_required: boolean | null
  /** Whether the last attempt to bring it up to date failed. */
  readonly patch_failed: boolean | null
  /** Seconds since it last reported to its region: as the region said, and as long as that is ago. */
  readonly last_seen_s: number | null
  /** The rule that gave `patch_current` (docs/facts.md). */
  readonly derived_from: 'patching-query-hosts' | 'usm-deploy-host'
  /** Seconds since the region told this. */
  readonly age_s: number
  /** Its region tells of it no more, since less than a day ago: the rest is as it was told last. */
  readonly vanished: boolean
  /** It is from a last good answer: the region did not give a younger one. */
  readonly stale: boolean
}

export interface FleetReleases {
  /** What regions call it. */
  readonly release_id: string
  /** A release of USM, or a patch of Patching. */
  readonly kind: 'release' | 'patch'
  /** Its version; the newest where regions differ. */
  readonly sw_version: string | null
  /** Regions that know it. */
  readonly regions: number
  /** Those that it has in some region (docs/facts.md). */
  readonly states: readonly (
    | 'available'
    | 'deploying'
    | 'deployed'
    | 'removing'
    | 'committed'
    | 'unavailable'
    | 'unknown'
  )[]
  /** Regions in which it is available. */
  readonly available: number
  /** Regions in which it is deploying. */
  readonly deploying: number
  /** Regions in which it is deployed. */
  readonly deployed: number
  /** Regions in which it is removing. */
  readonly removing: number
  /** Regions in which it is committed. */
  readonly committed: number
  /** Regions in which it is unavailable. */
  readonly unavailable: number
  /** Regions in which it is unknown. */
  readonly unknown: number
  /** Regions whose word on it is from a last good answer. */
  readonly stale: number
}

export interface FleetReleasesId {
  /** The identity of the region. */
  readonly region_name: string
  /** What operators call the region. */
  readonly subcloud_name: string
  /** The inventory's labels of the region. */
  readonly labels?: { readonly [name: string]: string }
  /** What regions call it. */
  readonly release_id: string
  /** A release of USM, or a patch of Patching. */
  readonly kind: 'release' | 'patch'
  /** Its version. */
  readonly sw_version: string | null
  /** Its state there (docs/facts.md). */
  readonly state:
    | 'available'
    | 'deploying'
    | 'deployed'
    | 'removing'
    | 'committed'
    | 'unavailable'
    | 'unknown'
  /** The region's own word. */
  readonly native_state: string | null
  /** Whether hosts are rebooted for it. */
  readonly reboot_required: boolean | null
  /** What has to be there before it. */
  readonly requires: readonly string[]
  /** Seconds since the region told this. */
  readonly age_s: number
  /** It is from a last good answer: the region did not give a younger one. */
  readonly stale: boolean
}

export interface FleetDeployments {
  /** The identity of the region. */
  readonly region_name: string
  /** What operators call the region. */
  readonly subcloud_name: string
  /** The inventory's labels of the region. */
  readonly labels?: { readonly [name: string]: string }
  /** What the region is moved from. After an abort it is what the region was to be moved to. */
  readonly from_release: string | null
  /** What the region is moved to. */
  readonly to_release: string | null
  /** Its phase (docs/facts.md). */
  readonly state:
    | 'starting'
    | 'deploying'
    | 'activating'
    | 'completed'
    | 'rolling-back'
    | 'failed'
    | 'unknown'
  /** The region's own word. */
  readonly native_state: string | null
  /** Whether hosts are rebooted for it. */
  readonly reboot_required: boolean | null
  /** Hosts that take part; null where USM has not told. */
  readonly hosts_total: number | null
  /** Of these, done. */
  readonly hosts_deployed: number | null
  /** Of these, failed. */
  readonly hosts_failed: number | null
  /** Seconds since the region told this. */
  readonly age_s: number
  /** It is from a last good answer: the region did not give a younger one. */
  readonly stale: boolean
}

export interface FleetDrift {
  /** The identity of the region. */
  readonly region_name: string
  /** What operators call the region. */
  readonly subcloud_name: string
  /** The inventory's labels of the region. */
  readonly labels?: { readonly [name: string]: string }
  /** How the region compares with the baseline. Unknown is not in sync. */
  readonly status: 'in_sync' | 'behind' | 'ahead' | 'differs' | 'unknown'
  /** What was compared: the highest deployed release, or the version that Patching serves. */
  readonly sw_version: string | null
  /** Releases or patches of the baseline that the region lacks. */
  readonly missing: readonly string[]
  /** Releases or patches of the region that the baseline lacks; against a list, only newer ones. */
  readonly extra: readonly string[]
  /** Why it is unknown. */
  readonly reason: string | null
  /** Seconds since the oldest part of it was told. */
  readonly age_s: number | null
}

export interface FleetProblems {
  /** The kind of failure (docs/failures.md). */
  readonly kind:
    | 'timeout'
    | 'unreachable'
    | 'tls'
    | 'unauthorized'
    | 'rejected'
    | 'broken'
    | 'malformed'
    | 'too_large'
    | 'backed_off'
  /** What these failures have in common: names, addresses and numbers left out. */
  readonly reason: string
  /** How many regions have it. */
  readonly regions: number
  /** Of how many: those with these labels, or all that are not in a problem above. */
  readonly of: number
  /** What exactly these regions have in common; empty where that is nothing. */
  readonly labels: { readonly [name: string]: string }
  /** The first 20 of them. */
  readonly region_names: readonly string[]
  /** The same, as people call them. */
  readonly subcloud_names: readonly string[]
  /** What could not be read. */
  readonly resources: readonly ('release' | 'deploy' | 'deploy_host' | 'query' | 'query_hosts')[]
  /** One of the messages. */
  readonly example: string
  /** The earliest of the last attempts of each region; null where none was made yet. */
  readonly first_failed_at: string | null
  /** The latest of them. */
  readonly last_failed_at: string | null
}

export interface Meta {
  /** The view of the fleet that the answer is made from */
  readonly snapshot: string
  readonly generated_at: string
  readonly complete: boolean
  readonly regions: {
    readonly total: number
    readonly fresh: number
    readonly stale: number
    readonly failed: number
    readonly unsupported: number
    readonly skipped: number
  }
  readonly freshness: {
    readonly oldest: string | null
    readonly p50_s: number | null
    readonly p99_s: number | null
  }
  /** Regions that are not fresh, by kind of failure (timeout, unreachable, tls, unauthorized, rejected, broken, malformed, too_large, backed_off) or reason of being skipped */
  readonly reasons: { readonly [name: string]: number }
  readonly details?: { readonly [name: string]: { readonly [name: string]: unknown } }
  readonly details_left_off?: number
}

export interface Details {
  readonly type:
    | '/problems/bad-parameter'
    | '/problems/malformed-request'
    | '/problems/unauthenticated'
    | '/problems/forbidden'
    | '/problems/unknown-region'
    | '/problems/unknown-release'
    | '/problems/not-supported'
    | '/problems/not-found'
    | '/problems/method-not-allowed'
    | '/problems/incomplete'
    | '/problems/no-data'
    | '/problems/gone'
    | '/problems/identity-provider-down'
    | '/problems/internal'
    | '/problems/bad-upload'
    | '/problems/too-large'
    | '/problems/unsupported-media-type'
    | '/problems/stalled'
    | '/problems/insufficient-storage'
    | '/problems/ambiguous-region'
    | '/problems/too-many-writes'
    | '/problems/too-many-requests'
    | '/problems/too-many-tokens'
    | '/problems/region-failed'
    | '/problems/answer-lost'
    | '/problems/backed-off'
    | '/problems/stopping'
  readonly title: string
  readonly status: number
  readonly detail: string
  /** The request id */
  readonly instance: string
}

/** Paths below `/fleet/v1/`: what each takes, and gives. */
export interface Paths {
  summary: {
    query: {
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
    }
    answer: {
      readonly item: FleetSummary
      readonly meta: Meta
    }
  }
  regions: {
    query: {
      'region_name.ne'?: string | number | readonly (string | number)[]
      'region_name.prefix'?: string | number | readonly (string | number)[]
      subcloud_name?: string | number | readonly (string | number)[]
      'subcloud_name.ne'?: string | number | readonly (string | number)[]
      'subcloud_name.prefix'?: string | number | readonly (string | number)[]
      status?:
        | 'fresh'
        | 'stale'
        | 'failed'
        | 'unsupported'
        | 'skipped'
        | readonly ('fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped')[]
      'status.ne'?:
        | 'fresh'
        | 'stale'
        | 'failed'
        | 'unsupported'
        | 'skipped'
        | readonly ('fresh' | 'stale' | 'failed' | 'unsupported' | 'skipped')[]
      'status.prefix'?: string | number | readonly (string | number)[]
      up?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'up.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      dialects?: string | number | readonly (string | number)[]
      'dialects.ne'?: string | number | readonly (string | number)[]
      sw_version?: string | number | readonly (string | number)[]
      'sw_version.ne'?: string | number | readonly (string | number)[]
      'sw_version.lt'?: string | number
      'sw_version.le'?: string | number
      'sw_version.gt'?: string | number
      'sw_version.ge'?: string | number
      'sw_version.prefix'?: string | number | readonly (string | number)[]
      patch_current?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'patch_current.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      at_baseline?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'at_baseline.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      hosts_total?: string | number | readonly (string | number)[]
      'hosts_total.ne'?: string | number | readonly (string | number)[]
      'hosts_total.lt'?: string | number
      'hosts_total.le'?: string | number
      'hosts_total.gt'?: string | number
      'hosts_total.ge'?: string | number
      hosts_current?: string | number | readonly (string | number)[]
      'hosts_current.ne'?: string | number | readonly (string | number)[]
      'hosts_current.lt'?: string | number
      'hosts_current.le'?: string | number
      'hosts_current.gt'?: string | number
      'hosts_current.ge'?: string | number
      hosts_not_current?: string | number | readonly (string | number)[]
      'hosts_not_current.ne'?: string | number | readonly (string | number)[]
      'hosts_not_current.lt'?: string | number
      'hosts_not_current.le'?: string | number
      'hosts_not_current.gt'?: string | number
      'hosts_not_current.ge'?: string | number
      hosts_unknown?: string | number | readonly (string | number)[]
      'hosts_unknown.ne'?: string | number | readonly (string | number)[]
      'hosts_unknown.lt'?: string | number
      'hosts_unknown.le'?: string | number
      'hosts_unknown.gt'?: string | number
      'hosts_unknown.ge'?: string | number
      deployment_state?:
        | 'starting'
        | 'deploying'
        | 'activating'
        | 'completed'
        | 'rolling-back'
        | 'failed'
        | 'unknown'
        | 'null'
        | readonly (
            | 'starting'
            | 'deploying'
            | 'activating'
            | 'completed'
            | 'rolling-back'
            | 'failed'
            | 'unknown'
            | 'null'
          )[]
      'deployment_state.ne'?:
        | 'starting'
        | 'deploying'
        | 'activating'
        | 'completed'
        | 'rolling-back'
        | 'failed'
        | 'unknown'
        | 'null'
        | readonly (
            | 'starting'
            | 'deploying'
            | 'activating'
            | 'completed'
            | 'rolling-back'
            | 'failed'
            | 'unknown'
            | 'null'
          )[]
      'deployment_state.prefix'?: string | number | readonly (string | number)[]
      age_s?: string | number | readonly (string | number)[]
      'age_s.ne'?: string | number | readonly (string | number)[]
      'age_s.lt'?: string | number
      'age_s.le'?: string | number
      'age_s.gt'?: string | number
      'age_s.ge'?: string | number
      failure_kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
        | 'null'
        | readonly (
            | 'timeout'
            | 'unreachable'
            | 'tls'
            | 'unauthorized'
            | 'rejected'
            | 'broken'
            | 'malformed'
            | 'too_large'
            | 'backed_off'
            | 'null'
          )[]
      'failure_kind.ne'?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
        | 'null'
        | readonly (
            | 'timeout'
            | 'unreachable'
            | 'tls'
            | 'unauthorized'
            | 'rejected'
            | 'broken'
            | 'malformed'
            | 'too_large'
            | 'backed_off'
            | 'null'
          )[]
      'failure_kind.prefix'?: string | number | readonly (string | number)[]
      failure_message?: string | number | readonly (string | number)[]
      'failure_message.ne'?: string | number | readonly (string | number)[]
      'failure_message.prefix'?: string | number | readonly (string | number)[]
      failed_at?: string | number | readonly (string | number)[]
      'failed_at.ne'?: string | number | readonly (string | number)[]
      'failed_at.lt'?: string | number
      'failed_at.le'?: string | number
      'failed_at.gt'?: string | number
      'failed_at.ge'?: string | number
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
      sort?: string | number | readonly (string | number)[]
      fields?: string | number | readonly (string | number)[]
      page_size?: number
      page_token?: string | number
    }
    answer: {
      readonly items: readonly FleetRegions[]
      readonly next_page_token: string | null
      readonly total: number
      readonly meta: Meta
    }
  }
  'regions/{id}': {
    query: {
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      partial?: 'allow' | 'deny'
      details?: boolean
    }
    answer: {
      readonly item: FleetRegionsId
      readonly meta: Meta
    }
  }
  hosts: {
    query: {
      'region_name.ne'?: string | number | readonly (string | number)[]
      'region_name.prefix'?: string | number | readonly (string | number)[]
      subcloud_name?: string | number | readonly (string | number)[]
      'subcloud_name.ne'?: string | number | readonly (string | number)[]
      'subcloud_name.prefix'?: string | number | readonly (string | number)[]
      hostname?: string | number | readonly (string | number)[]
      'hostname.ne'?: string | number | readonly (string | number)[]
      'hostname.prefix'?: string | number | readonly (string | number)[]
      node_type?: string | number | readonly (string | number)[]
      'node_type.ne'?: string | number | readonly (string | number)[]
      'node_type.prefix'?: string | number | readonly (string | number)[]
      sw_version?: string | number | readonly (string | number)[]
      'sw_version.ne'?: string | number | readonly (string | number)[]
      'sw_version.lt'?: string | number
      'sw_version.le'?: string | number
      'sw_version.gt'?: string | number
      'sw_version.ge'?: string | number
      'sw_version.prefix'?: string | number | readonly (string | number)[]
      target_version?: string | number | readonly (string | number)[]
      'target_version.ne'?: string | number | readonly (string | number)[]
      'target_version.lt'?: string | number
      'target_version.le'?: string | number
      'target_version.gt'?: string | number
      'target_version.ge'?: string | number
      'target_version.prefix'?: string | number | readonly (string | number)[]
      patch_current?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'patch_current.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      state?:
        | 'idle'
        | 'pending'
        | 'deploying'
        | 'deployed'
        | 'rolling-back'
        | 'rolled-back'
        | 'failed'
        | 'unknown'
        | readonly (
            | 'idle'
            | 'pending'
            | 'deploying'
            | 'deployed'
            | 'rolling-back'
            | 'rolled-back'
            | 'failed'
            | 'unknown'
          )[]
      'state.ne'?:
        | 'idle'
        | 'pending'
        | 'deploying'
        | 'deployed'
        | 'rolling-back'
        | 'rolled-back'
        | 'failed'
        | 'unknown'
        | readonly (
            | 'idle'
            | 'pending'
            | 'deploying'
            | 'deployed'
            | 'rolling-back'
            | 'rolled-back'
            | 'failed'
            | 'unknown'
          )[]
      'state.prefix'?: string | number | readonly (string | number)[]
      native_state?: string | number | readonly (string | number)[]
      'native_state.ne'?: string | number | readonly (string | number)[]
      'native_state.prefix'?: string | number | readonly (string | number)[]
      reboot_required?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'reboot_required.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      patch_failed?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'patch_failed.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      last_seen_s?: string | number | readonly (string | number)[]
      'last_seen_s.ne'?: string | number | readonly (string | number)[]
      'last_seen_s.lt'?: string | number
      'last_seen_s.le'?: string | number
      'last_seen_s.gt'?: string | number
      'last_seen_s.ge'?: string | number
      derived_from?:
        | 'patching-query-hosts'
        | 'usm-deploy-host'
        | readonly ('patching-query-hosts' | 'usm-deploy-host')[]
      'derived_from.ne'?:
        | 'patching-query-hosts'
        | 'usm-deploy-host'
        | readonly ('patching-query-hosts' | 'usm-deploy-host')[]
      'derived_from.prefix'?: string | number | readonly (string | number)[]
      age_s?: string | number | readonly (string | number)[]
      'age_s.ne'?: string | number | readonly (string | number)[]
      'age_s.lt'?: string | number
      'age_s.le'?: string | number
      'age_s.gt'?: string | number
      'age_s.ge'?: string | number
      vanished?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      'vanished.ne'?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      stale?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      'stale.ne'?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
      sort?: string | number | readonly (string | number)[]
      fields?: string | number | readonly (string | number)[]
      page_size?: number
      page_token?: string | number
    }
    answer: {
      readonly items: readonly FleetHosts[]
      readonly next_page_token: string | null
      readonly total: number
      readonly meta: Meta
    }
  }
  releases: {
    query: {
      release_id?: string | number | readonly (string | number)[]
      'release_id.ne'?: string | number | readonly (string | number)[]
      'release_id.prefix'?: string | number | readonly (string | number)[]
      kind?: 'release' | 'patch' | readonly ('release' | 'patch')[]
      'kind.ne'?: 'release' | 'patch' | readonly ('release' | 'patch')[]
      'kind.prefix'?: string | number | readonly (string | number)[]
      sw_version?: string | number | readonly (string | number)[]
      'sw_version.ne'?: string | number | readonly (string | number)[]
      'sw_version.lt'?: string | number
      'sw_version.le'?: string | number
      'sw_version.gt'?: string | number
      'sw_version.ge'?: string | number
      'sw_version.prefix'?: string | number | readonly (string | number)[]
      regions?: string | number | readonly (string | number)[]
      'regions.ne'?: string | number | readonly (string | number)[]
      'regions.lt'?: string | number
      'regions.le'?: string | number
      'regions.gt'?: string | number
      'regions.ge'?: string | number
      states?:
        | 'available'
        | 'deploying'
        | 'deployed'
        | 'removing'
        | 'committed'
        | 'unavailable'
        | 'unknown'
        | readonly (
            | 'available'
            | 'deploying'
            | 'deployed'
            | 'removing'
            | 'committed'
            | 'unavailable'
            | 'unknown'
          )[]
      'states.ne'?:
        | 'available'
        | 'deploying'
        | 'deployed'
        | 'removing'
        | 'committed'
        | 'unavailable'
        | 'unknown'
        | readonly (
            | 'available'
            | 'deploying'
            | 'deployed'
            | 'removing'
            | 'committed'
            | 'unavailable'
            | 'unknown'
          )[]
      available?: string | number | readonly (string | number)[]
      'available.ne'?: string | number | readonly (string | number)[]
      'available.lt'?: string | number
      'available.le'?: string | number
      'available.gt'?: string | number
      'available.ge'?: string | number
      deploying?: string | number | readonly (string | number)[]
      'deploying.ne'?: string | number | readonly (string | number)[]
      'deploying.lt'?: string | number
      'deploying.le'?: string | number
      'deploying.gt'?: string | number
      'deploying.ge'?: string | number
      deployed?: string | number | readonly (string | number)[]
      'deployed.ne'?: string | number | readonly (string | number)[]
      'deployed.lt'?: string | number
      'deployed.le'?: string | number
      'deployed.gt'?: string | number
      'deployed.ge'?: string | number
      removing?: string | number | readonly (string | number)[]
      'removing.ne'?: string | number | readonly (string | number)[]
      'removing.lt'?: string | number
      'removing.le'?: string | number
      'removing.gt'?: string | number
      'removing.ge'?: string | number
      committed?: string | number | readonly (string | number)[]
      'committed.ne'?: string | number | readonly (string | number)[]
      'committed.lt'?: string | number
      'committed.le'?: string | number
      'committed.gt'?: string | number
      'committed.ge'?: string | number
      unavailable?: string | number | readonly (string | number)[]
      'unavailable.ne'?: string | number | readonly (string | number)[]
      'unavailable.lt'?: string | number
      'unavailable.le'?: string | number
      'unavailable.gt'?: string | number
      'unavailable.ge'?: string | number
      unknown?: string | number | readonly (string | number)[]
      'unknown.ne'?: string | number | readonly (string | number)[]
      'unknown.lt'?: string | number
      'unknown.le'?: string | number
      'unknown.gt'?: string | number
      'unknown.ge'?: string | number
      stale?: string | number | readonly (string | number)[]
      'stale.ne'?: string | number | readonly (string | number)[]
      'stale.lt'?: string | number
      'stale.le'?: string | number
      'stale.gt'?: string | number
      'stale.ge'?: string | number
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
      sort?: string | number | readonly (string | number)[]
      fields?: string | number | readonly (string | number)[]
      page_size?: number
      page_token?: string | number
    }
    answer: {
      readonly items: readonly FleetReleases[]
      readonly next_page_token: string | null
      readonly total: number
      readonly meta: Meta
    }
  }
  'releases/{id}': {
    query: {
      'region_name.ne'?: string | number | readonly (string | number)[]
      'region_name.prefix'?: string | number | readonly (string | number)[]
      subcloud_name?: string | number | readonly (string | number)[]
      'subcloud_name.ne'?: string | number | readonly (string | number)[]
      'subcloud_name.prefix'?: string | number | readonly (string | number)[]
      release_id?: string | number | readonly (string | number)[]
      'release_id.ne'?: string | number | readonly (string | number)[]
      'release_id.prefix'?: string | number | readonly (string | number)[]
      kind?: 'release' | 'patch' | readonly ('release' | 'patch')[]
      'kind.ne'?: 'release' | 'patch' | readonly ('release' | 'patch')[]
      'kind.prefix'?: string | number | readonly (string | number)[]
      sw_version?: string | number | readonly (string | number)[]
      'sw_version.ne'?: string | number | readonly (string | number)[]
      'sw_version.lt'?: string | number
      'sw_version.le'?: string | number
      'sw_version.gt'?: string | number
      'sw_version.ge'?: string | number
      'sw_version.prefix'?: string | number | readonly (string | number)[]
      state?:
        | 'available'
        | 'deploying'
        | 'deployed'
        | 'removing'
        | 'committed'
        | 'unavailable'
        | 'unknown'
        | readonly (
            | 'available'
            | 'deploying'
            | 'deployed'
            | 'removing'
            | 'committed'
            | 'unavailable'
            | 'unknown'
          )[]
      'state.ne'?:
        | 'available'
        | 'deploying'
        | 'deployed'
        | 'removing'
        | 'committed'
        | 'unavailable'
        | 'unknown'
        | readonly (
            | 'available'
            | 'deploying'
            | 'deployed'
            | 'removing'
            | 'committed'
            | 'unavailable'
            | 'unknown'
          )[]
      'state.prefix'?: string | number | readonly (string | number)[]
      native_state?: string | number | readonly (string | number)[]
      'native_state.ne'?: string | number | readonly (string | number)[]
      'native_state.prefix'?: string | number | readonly (string | number)[]
      reboot_required?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'reboot_required.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      requires?: string | number | readonly (string | number)[]
      'requires.ne'?: string | number | readonly (string | number)[]
      age_s?: string | number | readonly (string | number)[]
      'age_s.ne'?: string | number | readonly (string | number)[]
      'age_s.lt'?: string | number
      'age_s.le'?: string | number
      'age_s.gt'?: string | number
      'age_s.ge'?: string | number
      stale?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      'stale.ne'?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
      sort?: string | number | readonly (string | number)[]
      fields?: string | number | readonly (string | number)[]
      page_size?: number
      page_token?: string | number
    }
    answer: {
      readonly items: readonly FleetReleasesId[]
      readonly next_page_token: string | null
      readonly total: number
      readonly meta: Meta
    }
  }
  deployments: {
    query: {
      'region_name.ne'?: string | number | readonly (string | number)[]
      'region_name.prefix'?: string | number | readonly (string | number)[]
      subcloud_name?: string | number | readonly (string | number)[]
      'subcloud_name.ne'?: string | number | readonly (string | number)[]
      'subcloud_name.prefix'?: string | number | readonly (string | number)[]
      from_release?: string | number | readonly (string | number)[]
      'from_release.ne'?: string | number | readonly (string | number)[]
      'from_release.lt'?: string | number
      'from_release.le'?: string | number
      'from_release.gt'?: string | number
      'from_release.ge'?: string | number
      'from_release.prefix'?: string | number | readonly (string | number)[]
      to_release?: string | number | readonly (string | number)[]
      'to_release.ne'?: string | number | readonly (string | number)[]
      'to_release.lt'?: string | number
      'to_release.le'?: string | number
      'to_release.gt'?: string | number
      'to_release.ge'?: string | number
      'to_release.prefix'?: string | number | readonly (string | number)[]
      state?:
        | 'starting'
        | 'deploying'
        | 'activating'
        | 'completed'
        | 'rolling-back'
        | 'failed'
        | 'unknown'
        | readonly (
            | 'starting'
            | 'deploying'
            | 'activating'
            | 'completed'
            | 'rolling-back'
            | 'failed'
            | 'unknown'
          )[]
      'state.ne'?:
        | 'starting'
        | 'deploying'
        | 'activating'
        | 'completed'
        | 'rolling-back'
        | 'failed'
        | 'unknown'
        | readonly (
            | 'starting'
            | 'deploying'
            | 'activating'
            | 'completed'
            | 'rolling-back'
            | 'failed'
            | 'unknown'
          )[]
      'state.prefix'?: string | number | readonly (string | number)[]
      native_state?: string | number | readonly (string | number)[]
      'native_state.ne'?: string | number | readonly (string | number)[]
      'native_state.prefix'?: string | number | readonly (string | number)[]
      reboot_required?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      'reboot_required.ne'?:
        | true
        | 'true'
        | false
        | 'false'
        | 'unknown'
        | 'null'
        | readonly (true | 'true' | false | 'false' | 'unknown' | 'null')[]
      hosts_total?: string | number | readonly (string | number)[]
      'hosts_total.ne'?: string | number | readonly (string | number)[]
      'hosts_total.lt'?: string | number
      'hosts_total.le'?: string | number
      'hosts_total.gt'?: string | number
      'hosts_total.ge'?: string | number
      hosts_deployed?: string | number | readonly (string | number)[]
      'hosts_deployed.ne'?: string | number | readonly (string | number)[]
      'hosts_deployed.lt'?: string | number
      'hosts_deployed.le'?: string | number
      'hosts_deployed.gt'?: string | number
      'hosts_deployed.ge'?: string | number
      hosts_failed?: string | number | readonly (string | number)[]
      'hosts_failed.ne'?: string | number | readonly (string | number)[]
      'hosts_failed.lt'?: string | number
      'hosts_failed.le'?: string | number
      'hosts_failed.gt'?: string | number
      'hosts_failed.ge'?: string | number
      age_s?: string | number | readonly (string | number)[]
      'age_s.ne'?: string | number | readonly (string | number)[]
      'age_s.lt'?: string | number
      'age_s.le'?: string | number
      'age_s.gt'?: string | number
      'age_s.ge'?: string | number
      stale?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      'stale.ne'?: true | 'true' | false | 'false' | readonly (true | 'true' | false | 'false')[]
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
      sort?: string | number | readonly (string | number)[]
      fields?: string | number | readonly (string | number)[]
      page_size?: number
      page_token?: string | number
    }
    answer: {
      readonly items: readonly FleetDeployments[]
      readonly next_page_token: string | null
      readonly total: number
      readonly meta: Meta
    }
  }
  drift: {
    query: {
      'region_name.ne'?: string | number | readonly (string | number)[]
      'region_name.prefix'?: string | number | readonly (string | number)[]
      subcloud_name?: string | number | readonly (string | number)[]
      'subcloud_name.ne'?: string | number | readonly (string | number)[]
      'subcloud_name.prefix'?: string | number | readonly (string | number)[]
      status?:
        | 'in_sync'
        | 'behind'
        | 'ahead'
        | 'differs'
        | 'unknown'
        | readonly ('in_sync' | 'behind' | 'ahead' | 'differs' | 'unknown')[]
      'status.ne'?:
        | 'in_sync'
        | 'behind'
        | 'ahead'
        | 'differs'
        | 'unknown'
        | readonly ('in_sync' | 'behind' | 'ahead' | 'differs' | 'unknown')[]
      'status.prefix'?: string | number | readonly (string | number)[]
      sw_version?: string | number | readonly (string | number)[]
      'sw_version.ne'?: string | number | readonly (string | number)[]
      'sw_version.lt'?: string | number
      'sw_version.le'?: string | number
      'sw_version.gt'?: string | number
      'sw_version.ge'?: string | number
      'sw_version.prefix'?: string | number | readonly (string | number)[]
      missing?: string | number | readonly (string | number)[]
      'missing.ne'?: string | number | readonly (string | number)[]
      extra?: string | number | readonly (string | number)[]
      'extra.ne'?: string | number | readonly (string | number)[]
      reason?: string | number | readonly (string | number)[]
      'reason.ne'?: string | number | readonly (string | number)[]
      'reason.prefix'?: string | number | readonly (string | number)[]
      age_s?: string | number | readonly (string | number)[]
      'age_s.ne'?: string | number | readonly (string | number)[]
      'age_s.lt'?: string | number
      'age_s.le'?: string | number
      'age_s.gt'?: string | number
      'age_s.ge'?: string | number
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
      sort?: string | number | readonly (string | number)[]
      fields?: string | number | readonly (string | number)[]
      page_size?: number
      page_token?: string | number
      baseline?: string | number
    }
    answer: {
      readonly items: readonly FleetDrift[]
      readonly next_page_token: string | null
      readonly total: number
      /** What was compared with; null without a baseline, and while it is not known. */
      readonly baseline: { readonly [name: string]: unknown } | null
      /** Regions by status, of all that are selected. */
      readonly counts: { readonly [name: string]: number }
      readonly meta: Meta
    }
  }
  problems: {
    query: {
      kind?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
        | readonly (
            | 'timeout'
            | 'unreachable'
            | 'tls'
            | 'unauthorized'
            | 'rejected'
            | 'broken'
            | 'malformed'
            | 'too_large'
            | 'backed_off'
          )[]
      'kind.ne'?:
        | 'timeout'
        | 'unreachable'
        | 'tls'
        | 'unauthorized'
        | 'rejected'
        | 'broken'
        | 'malformed'
        | 'too_large'
        | 'backed_off'
        | readonly (
            | 'timeout'
            | 'unreachable'
            | 'tls'
            | 'unauthorized'
            | 'rejected'
            | 'broken'
            | 'malformed'
            | 'too_large'
            | 'backed_off'
          )[]
      'kind.prefix'?: string | number | readonly (string | number)[]
      reason?: string | number | readonly (string | number)[]
      'reason.ne'?: string | number | readonly (string | number)[]
      'reason.prefix'?: string | number | readonly (string | number)[]
      regions?: string | number | readonly (string | number)[]
      'regions.ne'?: string | number | readonly (string | number)[]
      'regions.lt'?: string | number
      'regions.le'?: string | number
      'regions.gt'?: string | number
      'regions.ge'?: string | number
      of?: string | number | readonly (string | number)[]
      'of.ne'?: string | number | readonly (string | number)[]
      'of.lt'?: string | number
      'of.le'?: string | number
      'of.gt'?: string | number
      'of.ge'?: string | number
      region_names?: string | number | readonly (string | number)[]
      'region_names.ne'?: string | number | readonly (string | number)[]
      subcloud_names?: string | number | readonly (string | number)[]
      'subcloud_names.ne'?: string | number | readonly (string | number)[]
      resources?:
        | 'release'
        | 'deploy'
        | 'deploy_host'
        | 'query'
        | 'query_hosts'
        | readonly ('release' | 'deploy' | 'deploy_host' | 'query' | 'query_hosts')[]
      'resources.ne'?:
        | 'release'
        | 'deploy'
        | 'deploy_host'
        | 'query'
        | 'query_hosts'
        | readonly ('release' | 'deploy' | 'deploy_host' | 'query' | 'query_hosts')[]
      example?: string | number | readonly (string | number)[]
      'example.ne'?: string | number | readonly (string | number)[]
      'example.prefix'?: string | number | readonly (string | number)[]
      first_failed_at?: string | number | readonly (string | number)[]
      'first_failed_at.ne'?: string | number | readonly (string | number)[]
      'first_failed_at.lt'?: string | number
      'first_failed_at.le'?: string | number
      'first_failed_at.gt'?: string | number
      'first_failed_at.ge'?: string | number
      last_failed_at?: string | number | readonly (string | number)[]
      'last_failed_at.ne'?: string | number | readonly (string | number)[]
      'last_failed_at.lt'?: string | number
      'last_failed_at.le'?: string | number
      'last_failed_at.gt'?: string | number
      'last_failed_at.ge'?: string | number
      region_name?: string | number | readonly (string | number)[]
      group?: string | number | readonly (string | number)[]
      selector?: string | number | readonly (string | number)[]
      max_age?: string | number
      deadline?: string | number
      min_completeness?: number
      require?: string | number | readonly (string | number)[]
      partial?: 'allow' | 'deny'
      details?: boolean
      sort?: string | number | readonly (string | number)[]
      fields?: string | number | readonly (string | number)[]
      page_size?: number
      page_token?: string | number
    }
    answer: {
      readonly items: readonly FleetProblems[]
      readonly next_page_token: string | null
      readonly total: number
      readonly meta: Meta
    }
  }
  whoami: {
    query: {}
    answer: {
      readonly subject: string
      /** User and domain, of callers whom Keystone knows */
      readonly name: string | null
      readonly issuer: string
      /** Project and domain, of a token of Keystone */
      readonly project: string | null
      readonly roles: {
        /** As the token has them */
        readonly granted: readonly string[]
        /** The highest that counts here */
        readonly effective: 'reader' | 'operator' | 'configurator' | 'admin' | null
      }
      readonly may: {
        readonly read: boolean
        /** Ask for answers younger than `refresh.min_age` */
        readonly refresh: boolean
        readonly write: boolean
      }
      readonly regions: {
        /** Whether nothing limits which regions may be seen */
        readonly all: boolean
        /** Regions that may be seen now */
        readonly visible: number
        /** Names, globs, group:… and label:k=v; null: no limit */
        readonly scope: readonly string[] | null
      }
      /** When the token ends */
      readonly expires_at: string | null
    }
  }
}
