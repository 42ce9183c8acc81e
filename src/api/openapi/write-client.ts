import { writeFileSync } from 'node:fs'
import { clientTypes } from './client-types.ts'
import { openApi } from './document.ts'

// `npm run docs:client`: the client's types, made anew from the document.
writeFileSync(new URL('../../client/api.ts', import.meta.url), clientTypes(openApi('')))
