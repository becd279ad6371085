import { Headers } from '@millrace/serdes'

/**
 * A record as it goes into an input topic or comes out of an output topic. Undefined timestamp (Unix ms): the input
 * topic's own time.
 * @see org.apache.kafka.streams.test.TestRecord
 */
export class TestRecord<K, V> {
  readonly key: K | null
  readonly value: V | null
  readonly timestamp: number | undefined
  readonly headers: Headers

  constructor(key: K | null, value: V | null, timestamp?: number, headers: Headers = Headers.empty) {
    this.key = key
    this.value = value
    this.timestamp = timestamp
    this.headers = headers
  }
}
