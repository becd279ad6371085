import { Serdes, StreamsBuilder, type Topology, topic } from 'millrace'

export const lines = topic('lines', { key: Serdes.string(), value: Serdes.string() })
export const wordCounts = topic('word-counts', { key: Serdes.string(), value: Serdes.int64() })

/** Counts words: each line's words go, by word, through a repartition topic to a store of counts. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(lines)
    .flatMapValues((line) => line.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [])
    .groupBy((word) => word, { name: 'by-word', keySerde: Serdes.string(), valueSerde: Serdes.string() })
    .count({ storeName: 'counts' })
    .toStream()
    .to(wordCounts)
  return builder.build()
}
