import type { AsyncCall } from '../processors/async-processor.ts'
import { Record } from '../processors/record.ts'
import type {
  AsyncFlatKeyValueMapper,
  AsyncKeyValueMapper,
  AsyncRecordProcessor,
  AsyncValueMapper,
} from './async-options.ts'

/** Each record with the value that the promise gives. */
export function callOfValueMapper<K, V, VOut>(mapper: AsyncValueMapper<K, V, VOut>): AsyncCall<K, V, K, VOut> {
  return async (record, context) => [record.withValue(await mapper(record.value, record.key, context))]
}

/** Each record with the key and value that the promise gives; timestamp and headers stay. */
export function callOfMapper<K, V, KOut, VOut>(
  mapper: AsyncKeyValueMapper<K, V, KOut, VOut>,
): AsyncCall<K, V, KOut, VOut> {
  return async (record, context) => {
    const [key, value] = await mapper(record.value, record.key, context)
    return [new Record(key, value, record.timestamp, record.headers)]
  }
}

/** The keys and values that the promise gives, each with the record's timestamp and headers. */
export function callOfFlatMapper<K, V, KOut, VOut>(
  mapper: AsyncFlatKeyValueMapper<K, V, KOut, VOut>,
): AsyncCall<K, V, KOut, VOut> {
  return async ({ key, value, timestamp, headers }, context) =>
    Array.from(await mapper(value, key, context), ([k, v]) => new Record(k, v, timestamp, headers))
}

/** The records that the promise gives. */
export function callOfProcessor<K, V, KOut, VOut>(
  processor: AsyncRecordProcessor<K, V, KOut, VOut>,
): AsyncCall<K, V, KOut, VOut> {
  return async (record, context) => (await processor(record, context)) ?? []
}
