import { replayAll } from './suite.ts'

replayAll('usm')
