/** One figure, by Kafka's name, group and tags. @see org.apache.kafka.common.Metric */
export interface Metric {
  readonly name: string
  readonly group: string
  readonly tags: Readonly<{ [key: string]: string }>
  value(): number | string
}

/** A count that only grows. */
export class Counter {
  total = 0

  record(count = 1): void {
    this.total += count
  }
}

/**
 * The figures of one application or one test driver. Recording is one addition; everything else happens on reading.
 * @see org.apache.kafka.streams.processor.internals.metrics.StreamsMetricsImpl
 */
export class Metrics {
  readonly #metrics = new Map<string, Metric>()
  readonly #counters = new Map<string, Counter>()

  /** The counter behind `<sensor>-total`; asking again for the same one gives the same. */
  counter(sensor: string, group: string, tags: Readonly<{ [key: string]: string }>): Counter {
    const key = metricKey(`${sensor}-total`, group, tags)
    let counter = this.#counters.get(key)
    if (counter === undefined) {
      const made = new Counter()
      counter = made
      this.#counters.set(key, counter)
      this.#metrics.set(key, { name: `${sensor}-total`, group, tags, value: () => made.total })
    }
    return counter
  }

  /** A figure that is computed when it is read; replaces an earlier one of the same name, group and tags. */
  gauge(name: string, group: string, tags: Readonly<{ [key: string]: string }>, value: () => number | string): void {
    this.#metrics.set(metricKey(name, group, tags), { name, group, tags, value })
  }

  /** Forgets the figures whose tags include these. */
  remove(tags: Readonly<{ [key: string]: string }>): void {
    const wanted = Object.entries(tags)
    for (const [key, metric] of this.#metrics) {
      if (!wanted.every(([name, value]) => metric.tags[name] === value)) continue
      this.#metrics.delete(key)
      this.#counters.delete(key)
    }
  }

  /** All figures, in the order in which they were made. */
  all(): readonly Metric[] {
    return [...this.#metrics.values()]
  }
}

function metricKey(name: string, group: string, tags: Readonly<{ [key: string]: string }>): string {
  return JSON.stringify([group, name, Object.entries(tags).sort()])
}
