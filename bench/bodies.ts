const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Names and versions without a pattern, the same in each run: regions share little, so that gzip finds little. */
function packageNames(count: number, seed: number): string[] {
  let state = seed
  const below = (end: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
  return Array.from({ length: count }, () => {
    const name = Array.from({ length: 8 }, () => letters[below(letters.length)]).join('')
    return `${name}_${below(10)}.${below(100)}-${below(10)}.stx.${below(100)}_amd64.deb`
  })
}

/**
 * Releases as a region of stx 11 sends them, made up: about 1.85 KB a record, of which packages are most. `edition` is
 * what differs between two answers of one region.
 */
export function releaseRecords(region: number, releases: number, edition = '0'): string[] {
  return Array.from({ length: releases }, (_, i) => {
    const record = {
      release_id: `starlingx-25.09.${i}`,
      state: i === 0 ? 'deployed' : 'available',
      sw_version: `25.09.${i}`,
      component: 'starlingx',
      status: 'REL',
      unremovable: i === 0,
      summary: `starlingx-25.09.${i} release, edition ${edition}`,
      description: `Fixes of region ${region}: a café, and what came up in the last weeks\n`.repeat(3),
      install_instructions: '',
      warnings: '',
      reboot_required: i % 2 === 0,
      prepatched_iso: false,
      preinstalled_patches: [],
      requires: i === 0 ? [] : [`starlingx-25.09.${i - 1}`],
      packages: packageNames(40, region * 1_000 + i),
      activation_scripts: [],
    }
    // Python writes separators with a space, and escapes what is not ASCII.
    const text = JSON.stringify(record).replaceAll('":', '": ').replaceAll(',"', ', "')
    return text.replaceAll('é', String.raw`\u00e9`)
  })
}

export function releaseBody(region: number, releases: number, edition?: string): Buffer {
  return Buffer.from(`[${releaseRecords(region, releases, edition).join(', ')}]`)
}

/** What the gateway must answer for regions' records, made without it. */
export function mergedBody(
  regions: readonly { readonly name: string; readonly records: string[] }[],
): Buffer {
  const records = regions.flatMap(({ name, records: own }) =>
    own.map((record) => `{"region_name":"${name}",${record.slice(1)}`),
  )
  return Buffer.from(`[${records.join(',')}]`)
}

export function regionName(index: number): string {
  return `region-${String(index).padStart(4, '0')}`
}
