import type { Metric } from '../metrics.ts'
import type { RecordingLevel } from './recording-level.ts'

/** Records into figures of one's own. */
export interface MetricSensor {
  /** Counts one event; `value` is its latency, if the sensor has latencies. */
  record(value?: number): void
}

/**
 * The figures of the application, and a way to add one's own. Their group is `stream-<scope>-metrics`; their tags are `thread-id`,
 * `<scope>-id` and those given (name, value, name, value …).
 * @see org.apache.kafka.streams.StreamsMetrics
 */
export interface StreamsMetrics {
  metrics(): readonly Metric[]
  /** `<operation>-rate` and `<operation>-total`. */
  addRateTotalSensor(
    scopeName: string,
    entityName: string,
    operationName: string,
    recordingLevel: RecordingLevel,
    ...tags: readonly string[]
  ): MetricSensor
  /** The same with `<operation>-latency-avg` and `<operation>-latency-max`. */
  addLatencyRateTotalSensor(
    scopeName: string,
    entityName: string,
    operationName: string,
    recordingLevel: RecordingLevel,
    ...tags: readonly string[]
  ): MetricSensor
}
