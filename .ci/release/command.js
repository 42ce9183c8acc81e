#!/usr/bin/env node
// In JavaScript of any age: an older Node would end with an error of some library's.
const { node } = process.versions
if (Number(node.split('.')[0]) < 24) {
  process.stderr.write(`stx-fleet-gateway needs Node 24 or newer; this is ${node} (${process.execPath})\n`)
  process.exit(1)
}
void import('./dist/main.js')
