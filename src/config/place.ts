import { isMap, isPair, isScalar, isSeq, type Document, type Node } from 'yaml'

/** Where a path stands in the text; of a missing key, where its parent does. */
export function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last)
      if (pair && isScalar(pair.key)) return pair.key.range?.[0] ?? 0
    }
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (hasRange(node)) return node.range[0]
  }
  return 0
}

/** The path of a node, from the nodes that lead to it. */
export function pathOf(nodes: readonly Node[]): PropertyKey[] {
  const path: PropertyKey[] = []
  for (const [i, node] of nodes.entries()) {
    const next = nodes[i + 1]
    if (isPair(node) && isScalar(node.key)) path.push(String(node.key.value))
    else if (isSeq(node) && next !== undefined) path.push(node.items.indexOf(next))
  }
  return path
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
