import { demo, records } from '@millrace-examples/demo'
import { Serdes, topic } from 'millrace'
import { buildTopology, fahrenheit, readings, rejects, settings } from './topology.ts'

/** As a producer that keeps to no schema writes it. */
const asText = topic(readings.name, { key: Serdes.string(), value: Serdes.string() })

await demo({
  name: 'poison-pills',
  topology: buildTopology(),
  settings,
  inputs: [
    records(
      asText,
      ['s1', '{"sensor":"s1","celsius":100}', 0],
      ['s1', '{"sensor":"s1","celsius":"warm"}', 1000],
      ['s1', '{"sensor":"s1"', 2000],
      ['s1', '{"sensor":"s1","celsius":-300}', 3000],
      ['s1', '{"sensor":"s1","celsius":0}', 4000],
    ),
  ],
  outputs: [fahrenheit, rejects],
})
