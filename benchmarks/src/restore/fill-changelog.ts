import { Headers } from 'millrace'
import { embeddedClientSupplier, type LogEngine } from 'millrace/embedded'
import { restoredTable } from './restored-application.ts'

const firstTimestamp = 1_700_000_000_000

/** Key `key-00000001`, value of 100 bytes, partition by number: as the peers do. */
export async function fillChangelog(log: LogEngine, from: number, end: number): Promise<void> {
  await send(log, restoredTable.changelog, from, end, (i) => String(i).padStart(10, '0').repeat(10))
}

/** Records for the application: new values of the first keys, some in each partition. */
export async function feed(log: LogEngine, count: number): Promise<void> {
  await send(log, restoredTable.input, 0, count, (i) => `new-${i}`)
}

async function send(
  log: LogEngine,
  topic: string,
  from: number,
  end: number,
  valueOf: (i: number) => string,
): Promise<void> {
  const encoder = new TextEncoder()
  const clients = embeddedClientSupplier(log)
  const producer = clients.producer({ clientId: 'fill', transactionalId: undefined, transactionTimeoutMs: 60_000 })
  for (let i = from; i < end; i += 1) {
    const key = encoder.encode(`key-${String(i).padStart(8, '0')}`)
    producer.send(
      topic,
      i % restoredTable.partitions,
      key,
      encoder.encode(valueOf(i)),
      firstTimestamp + i,
      Headers.empty,
    )
    if (i % 100_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await producer.flush()
  await producer.close()
}
