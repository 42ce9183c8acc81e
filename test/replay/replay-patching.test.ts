import { replayAll } from './suite.ts'

replayAll('patching')
