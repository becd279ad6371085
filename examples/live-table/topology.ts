import { Serdes, StreamsBuilder, type Topology, topic } from 'millrace'

/** Key: who votes; value: for what. Who votes again changes the vote; null takes it back. */
export const votes = topic('votes', { key: Serdes.string(), value: Serdes.string() })

/** The store that the page shows. */
export const resultStore = 'results'

/** Counts votes by what they are for. A changed vote is taken from the one and added to the other. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  builder
    .table(votes, { storeName: 'votes' })
    .groupBy((option) => [option, ''], { name: 'by-option', keySerde: Serdes.string(), valueSerde: Serdes.string() })
    .count({ storeName: resultStore, valueSerde: Serdes.int64() })
  return builder.build()
}
