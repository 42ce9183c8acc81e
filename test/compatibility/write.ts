import { writeFile } from 'node:fs/promises'
import { compatibilityDocument, documentFile } from './document.ts'

await writeFile(documentFile, await compatibilityDocument())
