import { Headers } from '@millrace/serdes'
import type { BufferContext } from '@millrace/state-stores'
import type { RecordContext } from '../processors/record-context.ts'

/** The context of a record that comes out of a buffer. */
export function bufferRecordContext({ timestamp, offset, partition, topic, headers }: BufferContext): RecordContext {
  return {
    timestamp,
    offset,
    partition,
    topic,
    headers: headers instanceof Headers ? headers : Headers.of([...headers]),
  }
}
