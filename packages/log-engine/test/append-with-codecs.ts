// Appends to topics that are compressed; says on standard output what came of it, by codec.
import { EngineError, LogEngine, memoryFileSystem } from '../src/index.ts'
import { batchOf } from './batches.ts'

const engine = await LogEngine.open({ dir: '/data', fileSystem: memoryFileSystem() })
const answers: Record<string, string> = {}
for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
  engine.createTopic({ name: codec, partitions: 1, configs: { 'compression.type': codec } })
  const partition = { topic: codec, partition: 0 }
  try {
    engine.append(partition, batchOf(['a']))
    answers[codec] = 'fine'
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    answers[codec] = engine.listOffset(partition, 'latest').offset === 0 ? `${error.code} ${error.message}` : 'written'
  }
}
process.stdout.write(JSON.stringify(answers))
