import { Counter, Distribution, type Windowed } from './metrics/recorders.ts'
import { type RecordingLevel, records } from './metrics/recording-level.ts'
import { systemTime } from './time.ts'

export { Counter, Distribution } from './metrics/recorders.ts'
export type { RecordingLevel } from './metrics/recording-level.ts'

/** What a figure is about: names and values, as Kafka's tags. */
export type MetricTags = Readonly<{ [key: string]: string }>

/** One figure, by Kafka's name, group and tags; docs/metrics.md has all names. @see org.apache.kafka.common.Metric */
export interface Metric {
  readonly name: string
  readonly group: string
  readonly tags: MetricTags
  /** The `metrics.recording.level` from which on it is recorded. */
  readonly recordingLevel: RecordingLevel
  /** False below that level: the value stays 0 or NaN then, as in Java. */
  readonly isRecorded: boolean
  /** NaN while there is nothing to tell (an average of nothing). */
  value(): number | string
}

/** ms of a window; figures of recent times are over the open window and the one before (Kafka's `metrics.sample.window.ms`). */
const windowMs = 30_000

/**
 * The figures of one application or one test driver. Recording is one addition; everything else happens on reading, and when
 * a window ends (`roll`).
 * @see org.apache.kafka.streams.processor.internals.metrics.StreamsMetricsImpl
 */
export class Metrics {
  readonly recordingLevel: RecordingLevel
  readonly #now: () => number
  readonly #metrics = new Map<string, Metric>()
  readonly #recorders = new Map<string, { readonly recorder: Windowed; readonly tags: MetricTags }>()
  #windowStartMs: number
  #oldestStartMs: number

  /** `now`: Unix ms, read when figures are. Default: the wall clock. */
  constructor(options: { readonly recordingLevel?: RecordingLevel; readonly now?: () => number } = {}) {
    this.recordingLevel = options.recordingLevel ?? 'INFO'
    this.#now = options.now ?? systemTime.now
    this.#windowStartMs = this.#now()
    this.#oldestStartMs = this.#windowStartMs
  }

  /** True when what is recorded from `level` on is recorded here. */
  records(level: RecordingLevel): boolean {
    return records(this.recordingLevel, level)
  }

  /** Unix ms. */
  nowMs(): number {
    return this.#now()
  }

  /** Figures with a group and tags in common. */
  scope(group: string, tags: MetricTags): MetricScope {
    return new MetricScope(this, group, tags)
  }

  /** The counter behind `<sensor>-total`; asking again for the same one gives the same. */
  counter(sensor: string, group: string, tags: MetricTags): Counter {
    return this.scope(group, tags).total(sensor)
  }

  /** A figure that is computed when it is read; replaces an earlier one of the same name, group and tags. */
  gauge(
    name: string,
    group: string,
    tags: MetricTags,
    value: () => number | string,
    recordingLevel: RecordingLevel = 'INFO',
  ): void {
    const isRecorded = this.records(recordingLevel)
    this.#metrics.set(metricKey(name, group, tags), { name, group, tags, recordingLevel, isRecorded, value })
  }

  /** The recorder of that name; made at the first call. */
  recorder<R extends Windowed>(name: string, group: string, tags: MetricTags, make: () => R): R {
    const key = metricKey(name, group, tags)
    const known = this.#recorders.get(key)
    if (known !== undefined) return known.recorder as R
    const made = make()
    this.#recorders.set(key, { recorder: made, tags })
    return made
  }

  /**
   * Seconds over which recent counts are spread: from the begin of the oldest window, and at least a whole window, as in Java.
   * @see org.apache.kafka.common.metrics.stats.Rate
   */
  recentSeconds(): number {
    const now = this.#now()
    this.roll(now)
    const elapsedMs = now - this.#oldestStartMs
    return (elapsedMs < windowMs ? elapsedMs + windowMs : elapsedMs) / 1000
  }

  /** Closes the open window if its time is over. Cheap: to be called between batches of work. */
  roll(nowMs: number): void {
    const ageMs = nowMs - this.#windowStartMs
    if (ageMs < windowMs) return
    const isGap = ageMs >= 2 * windowMs
    for (const { recorder } of this.#recorders.values()) recorder.roll(isGap)
    const startMs = nowMs - (ageMs % windowMs)
    this.#oldestStartMs = isGap ? startMs - windowMs : this.#windowStartMs
    this.#windowStartMs = startMs
  }

  /** Forgets the figures whose tags include these. */
  remove(tags: MetricTags): void {
    const wanted = Object.entries(tags)
    for (const known of [this.#metrics, this.#recorders]) {
      for (const [key, entry] of known) {
        if (wanted.every(([name, value]) => entry.tags[name] === value)) known.delete(key)
      }
    }
  }

  /** All figures, in the order in which they were made. */
  all(): readonly Metric[] {
    this.roll(this.#now())
    return [...this.#metrics.values()]
  }
}

/** Makes figures of one group with the same tags. Figures above the recording level exist, but say 0 or NaN. */
export class MetricScope {
  readonly tags: MetricTags
  readonly #metrics: Metrics
  readonly #group: string

  constructor(metrics: Metrics, group: string, tags: MetricTags) {
    this.#metrics = metrics
    this.#group = group
    this.tags = tags
  }

  /** `<sensor>-total`. */
  total(sensor: string, level: RecordingLevel = 'INFO'): Counter {
    const counter = this.#recorder(sensor, () => new Counter())
    this.gauge(`${sensor}-total`, () => counter.total, level)
    return counter
  }

  /** `<sensor>-rate`, per second, and `<sensor>-total`. */
  rateAndTotal(sensor: string, level: RecordingLevel = 'INFO'): Counter {
    const counter = this.rate(sensor, level)
    this.gauge(`${sensor}-total`, () => counter.total, level)
    return counter
  }

  /** `<sensor>-rate`, per second. */
  rate(sensor: string, level: RecordingLevel = 'INFO'): Counter {
    const counter = this.#recorder(sensor, () => new Counter())
    const rate = () => {
      const seconds = this.#metrics.recentSeconds()
      return counter.recent / seconds
    }
    this.gauge(`${sensor}-rate`, rate, level)
    return counter
  }

  /** `<name>-avg` and `<name>-max`. */
  avgAndMax(name: string, level: RecordingLevel = 'INFO'): Distribution {
    const distribution = this.#recorder(`${name}-distribution`, () => new Distribution())
    this.gauge(`${name}-avg`, () => distribution.avg, level, Number.NaN)
    this.gauge(`${name}-max`, () => distribution.max, level, Number.NaN)
    return distribution
  }

  /** `<name>-avg`, `<name>-min` and `<name>-max`. */
  avgMinAndMax(name: string, level: RecordingLevel = 'INFO'): Distribution {
    const distribution = this.avgAndMax(name, level)
    this.gauge(`${name}-min`, () => distribution.min, level, Number.NaN)
    return distribution
  }

  /** `unrecorded`: what it says below its level. */
  gauge(name: string, value: () => number | string, level: RecordingLevel = 'INFO', unrecorded = 0): void {
    const read = this.#metrics.records(level) ? value : () => unrecorded
    this.#metrics.gauge(name, this.#group, this.tags, read, level)
  }

  #recorder<R extends Windowed>(name: string, make: () => R): R {
    return this.#metrics.recorder(name, this.#group, this.tags, make)
  }
}

function metricKey(name: string, group: string, tags: MetricTags): string {
  return JSON.stringify([group, name, Object.entries(tags).sort()])
}
