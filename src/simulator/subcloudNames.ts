const cities = [
  ['boston', 'east'],
  ['newyork', 'east'],
  ['philadelphia', 'east'],
  ['ottawa', 'north'],
  ['toronto', 'north'],
  ['montreal', 'north'],
  ['chicago', 'central'],
  ['dallas', 'central'],
  ['denver', 'central'],
  ['atlanta', 'south'],
  ['miami', 'south'],
  ['houston', 'south'],
  ['seattle', 'west'],
  ['portland', 'west'],
  ['sanjose', 'west'],
  ['phoenix', 'west'],
] as const

/** What operators call the regions of a fleet: RegionOne first, then boston-1, newyork-1, … */
export function subcloudNames(count: number): { name: string; labels: Readonly<Record<string, string>> }[] {
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return { name: 'RegionOne', labels: { site: 'ottawa', group: 'system' } }
    const [site, group] = cities[(i - 1) % cities.length] ?? cities[0]
    return { name: `${site}-${Math.floor((i - 1) / cities.length) + 1}`, labels: { site, group } }
  })
}
