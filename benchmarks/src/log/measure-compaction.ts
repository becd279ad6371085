import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine } from '@millrace/log-engine'

const records = 10_000_000
const keys = 1_000_000
const recordsPerBatch = 500
const partition = { topic: 't', partition: 0 }

/** Compacts 10 million records of a million keys, while records are appended. */
export async function measureCompaction(directory: string): Promise<void> {
  const engine = await LogEngine.open({ dir: directory, flush: 'os' })
  engine.createTopic({
    name: 't',
    partitions: 1,
    configs: { 'cleanup.policy': 'compact', 'segment.bytes': String(64 * 1024 * 1024) },
  })
  const builder = new RecordBatchBuilder({ initialBytes: 64 * 1024 })
  const value = new Uint8Array(50)
  const timestamp = 1_700_000_000_000
  for (let record = 0; record < records; ) {
    builder.reset()
    for (let end = record + recordsPerBatch; record < end; record++) {
      const key = (Math.imul(record, 0x9e3779b1) >>> 0) % keys
      builder.append(timestamp, Buffer.from(`key-${key}`), value)
    }
    engine.append(partition, builder.build())
  }
  await engine.sync()
  const before = process.memoryUsage().rss
  let peak = before
  let appended = 0
  let longestMs = 0
  let isDone = false
  const start = process.hrtime.bigint()
  const cleaning = engine.maintain().finally(() => {
    isDone = true
  })
  while (!isDone) {
    const turn = process.hrtime.bigint()
    await new Promise((resolve) => setImmediate(resolve))
    longestMs = Math.max(longestMs, Number(process.hrtime.bigint() - turn) / 1e6)
    engine.append(partition, builder.build())
    appended++
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  await cleaning
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  process.stdout.write(
    `log compaction, ${records / 1e6} million records of ${keys / 1e6} million keys: ${seconds.toFixed(1)} s, ` +
      `${Math.round((peak - before) / 1e6)} MB more, ${appended} appends meanwhile, the longest wait ${longestMs.toFixed(0)} ms\n`,
  )
  await engine.close()
}
