import { replayWrites } from './suite.ts'

replayWrites('patching')
