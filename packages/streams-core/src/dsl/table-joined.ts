import type { StreamPartitioner } from '../topology/extension-points.ts'
import type { Named } from './named.ts'

/**
 * How two tables are joined on a foreign key.
 * @see org.apache.kafka.streams.kstream.TableJoined, KIP-775
 */
export interface TableJoined<K, KOther> extends Named {
  /** How the left table's topic was partitioned, where not by murmur2 of the key. It must give one partition. */
  readonly partitioner?: StreamPartitioner<K, null> | undefined
  /** How the right table's topic was partitioned, likewise. */
  readonly otherPartitioner?: StreamPartitioner<KOther, null> | undefined
}
