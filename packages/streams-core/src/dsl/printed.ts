import type { KeyMapper } from '../processors/functions.ts'
import type { Named } from './named.ts'

/**
 * Where and how records are printed: `[label]: text`, one line each.
 * @see org.apache.kafka.streams.kstream.Printed
 */
export interface Printed<K, V> extends Named {
  /** A file to be written anew; undefined: standard output. */
  readonly toFile?: string | undefined
  /** Undefined: the name of the operator above. */
  readonly label?: string | undefined
  /** Undefined: `key, value`. */
  readonly keyValueMapper?: KeyMapper<K, V, string> | undefined
}
