import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Headers, KafkaStreams, Serdes, StreamsBuilder, topic } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { FirstRecordClock } from '../modes/first-record-clock.ts'
import { cpuSecondsSince } from '../modes/process-usage.ts'
import { Progress } from '../modes/progress.ts'

const RECORDS_PER_FLUSH = 1000
const bytes = Serdes.bytes()

/** CPU seconds of a copy, from the start of the application and from its first record. */
export interface CopyCost {
  readonly fromStart: number
  readonly fromFirstRecord: number
}

/** What an application costs that copies one topic to another: standalone, exactly-once, up to its last commit. */
export async function copyCost(records: number, recordBytes: number, partitions: number): Promise<CopyCost> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    const clients = embeddedClientSupplier(log)
    const admin = clients.admin()
    await admin.createTopics(['in', 'out'].map((name) => ({ name, partitions, configs: {} })))
    await admin.close()
    const producer = clients.producer({ clientId: 'load', transactionalId: undefined, transactionTimeoutMs: 60_000 })
    const value = new Uint8Array(recordBytes).fill(7)
    for (let i = 0; i < records; i++) {
      producer.send('in', i % partitions, null, value, 1_700_000_040_000 + i, Headers.empty)
      if (i % RECORDS_PER_FLUSH === 0) await producer.flush()
    }
    await producer.close()
    const builder = new StreamsBuilder()
    builder.stream(topic('in', { key: bytes, value: bytes })).to('out')
    const clock = new FirstRecordClock(clients)
    const streams = new KafkaStreams(
      builder.build(),
      { 'application.id': 'copy', 'state.dir': join(dir, 'state'), 'processing.guarantee': 'exactly_once_v2' },
      clock.clients,
    )
    const inputs = Array.from({ length: partitions }, (_, partition) => ({ topic: 'in', partition }))
    const cpu = process.cpuUsage()
    await streams.start()
    const progress = new Progress(clients, 'copy', {
      inputs,
      inputCount: records,
      repartition: [],
      marksTransactions: true,
    })
    while (!(await progress.isFinished())) await Promise.race([sleep(20), streams.stopped])
    const cost = { fromStart: cpuSecondsSince(cpu), fromFirstRecord: clock.cpuSeconds() }
    await Promise.all([streams.close(), progress.close()])
    return cost
  } finally {
    await log.close()
    rmSync(dir, { recursive: true })
  }
}
