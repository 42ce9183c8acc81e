import { replayWrites } from './suite.ts'

replayWrites('usm')
