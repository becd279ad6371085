import { Serdes, StreamsBuilder, type StreamsProperties, type Topology, topic } from 'millrace'
import { zodSerde } from 'millrace/zod'
import { z } from 'zod'

const Reading = z.object({ sensor: z.string(), celsius: z.number() })

/** Key: the sensor. Not everybody who writes here keeps to the schema. */
export const readings = topic('readings', { key: Serdes.string(), value: zodSerde(Reading) })
export const fahrenheit = topic('fahrenheit', { key: Serdes.string(), value: Serdes.float64() })
/** What could not be processed, as it came, with headers that say why. */
export const rejects = topic('rejects', { key: Serdes.bytes(), value: Serdes.bytes() })

/** A record that fails goes to the topic of rejects, and the application goes on; the default is to stop. */
export const settings = {
  'deserialization.exception.handler': 'continue',
  'processing.exception.handler': 'continue',
  'errors.dead.letter.queue.topic.name': rejects.name,
} as const satisfies StreamsProperties

export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(readings)
    .mapValues(({ sensor, celsius }) => {
      if (celsius < -273.15) throw new RangeError(`Sensor ${sensor} reads ${celsius} °C, below absolute zero.`)
      return celsius * 1.8 + 32
    })
    .to(fahrenheit)
  return builder.build(settings)
}
