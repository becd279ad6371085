import type { Predicate } from '../processors/functions.ts'
import type { Branched } from './branched.ts'
import type { KStream } from './kstream.ts'

/**
 * A stream in the course of being split. Branches are tried in the order in which they were added; a record goes to one
 * branch only.
 *
 * ```ts
 * const branches = orders
 *   .split({ name: 'orders-' })
 *   .branch((order) => order.total > 1000, { name: 'large' })
 *   .defaultBranch({ name: 'small' })
 * branches.get('orders-large')
 * ```
 *
 * @see org.apache.kafka.streams.kstream.BranchedKStream
 */
export interface BranchedKStream<K, V> {
  /** Adds a branch. */
  branch(predicate: Predicate<K, V>, branched?: Branched<K, V>): BranchedKStream<K, V>
  /** Ends the split with a branch for all other records. The branches by full name. */
  defaultBranch(branched?: Branched<K, V>): ReadonlyMap<string, KStream<K, V>>
  /** Ends the split; records that belong to no branch are dropped. The branches by full name. */
  noDefaultBranch(): ReadonlyMap<string, KStream<K, V>>
}
