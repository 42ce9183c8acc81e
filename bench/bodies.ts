/** Release lists as a region of stx 11 sends them, made up: about 1.85 KB a record, of which packages are most. */
export function releaseBody(region: number, releases: number): Buffer {
  const records = Array.from({ length: releases }, (_, i) => ({
    release_id: `starlingx-25.09.${i}`,
    state: i === 0 ? 'deployed' : 'available',
    sw_version: `25.09.${i}`,
    component: 'starlingx',
    status: 'REL',
    unremovable: i === 0,
    summary: `starlingx-25.09.${i} release`,
    description: `Fixes of region ${region}: a café, and what came up in the last weeks\n`.repeat(3),
    install_instructions: '',
    warnings: '',
    reboot_required: i % 2 === 0,
    prepatched_iso: false,
    preinstalled_patches: [],
    requires: i === 0 ? [] : [`starlingx-25.09.${i - 1}`],
    packages: Array.from({ length: 40 }, (_, p) => `package-${p}_1.${region}.stx.${i}_amd64.deb`),
    activation_scripts: [],
  }))
  // Python writes separators with a space, and escapes what is not ASCII.
  const text = JSON.stringify(records).replaceAll('":', '": ').replaceAll(',"', ', "')
  return Buffer.from(text.replaceAll('é', String.raw`\u00e9`))
}
