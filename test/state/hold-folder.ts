import { holdFolder } from '../../src/state/folder.ts'

// Run by folder.test.ts: another gateway, that holds a folder until it is ended.

await holdFolder(process.argv[2] ?? '')
process.stdout.write('held\n')
process.stdin.resume()
