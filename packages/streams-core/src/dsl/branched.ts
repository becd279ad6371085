import type { KStream } from './kstream.ts'

/**
 * What becomes of one branch of a split stream. The branch's full name is the splitter's name followed by `name`
 * (or by its number, 0 for the default branch).
 * @see org.apache.kafka.streams.kstream.Branched
 */
export interface Branched<K, V> {
  readonly name?: string | undefined
  /** Applied to the branch; its result takes the branch's place in the map, unless it is null. Not together with `withConsumer`. */
  readonly withFunction?: ((branch: KStream<K, V>) => KStream<K, V> | null) | undefined
  /** Given the branch, which then is not in the map. */
  readonly withConsumer?: ((branch: KStream<K, V>) => void) | undefined
}
