import { Serdes, topic } from '@millrace/serdes'
import { StreamsBuilder } from '@millrace/streams-core'
import { run } from '../../src/run/run.ts'

// For the tests of workers: an application that counts words, in the folder APP_DIR.

const words = topic('words', { key: Serdes.string(), value: Serdes.string() })
const counts = topic('counts', { key: Serdes.string(), value: Serdes.int64() })
const dir = process.env['APP_DIR']!

if (process.env['APP_FAILS'] === 'always') throw new Error('planted')

const builder = new StreamsBuilder()
builder
  .stream(words)
  .groupBy((_word, key) => key, { name: 'by-word', keySerde: Serdes.string(), valueSerde: Serdes.string() })
  .count({ storeName: process.env['APP_STORE'] ?? 'word-counts' })
  .toStream()
  .to(counts)

await run(
  builder.build(),
  {
    'application.id': 'counter',
    'commit.interval.ms': 20,
    'statestore.cache.max.bytes': 0,
    'state.dir': `${dir}/state`,
    'log.dir': `${dir}/log`,
    'producer.linger.ms': 0,
  },
  {
    topics: [
      { name: 'words', partitions: 4 },
      { name: 'counts', partitions: 4 },
    ],
  },
)
