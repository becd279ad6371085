// Opens the data directory named by the first argument, appends one record, and stays until it is killed.
import { LogEngine } from '../src/index.ts'
import { batchOf, t0 } from './batches.ts'

const engine = await LogEngine.open({ dir: process.argv[2]! })
engine.createTopic({ name: 't', partitions: 1 })
engine.append(t0, batchOf(['a']))
process.send!('holding')
setInterval(() => {}, 1000)
