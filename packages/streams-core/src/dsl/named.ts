/**
 * A name for an operator's processor, in place of the generated one (`KSTREAM-FILTER-0000000001`). Names are part of
 * internal topics' and stores' names, so that naming what is stateful keeps them when the topology changes.
 * 1 to 249 of the characters `a-z A-Z 0-9 . _ -`, else a TopologyError.
 * @see org.apache.kafka.streams.kstream.Named
 */
export interface Named {
  readonly name?: string | undefined
}
