import type { KafkaStreams, Metric } from '@millrace/streams-core'
import {
  type Attributes,
  type BatchObservableResult,
  metrics as globalMetrics,
  type Meter,
  type Observable,
} from '@opentelemetry/api'

/** How figures become OpenTelemetry's. */
export interface ExportOptions {
  /** Default: one of the global meter provider. */
  readonly meter?: Meter
}

/**
 * Gives an application's figures to OpenTelemetry: one observable instrument for each of Kafka's names, `kafka.<group>.<name>`,
 * with the tags as attributes. Totals are observable counters, the rest observable gauges; figures that are texts are gauges of
 * 1 with the text as the attribute `value`. They are read when the SDK collects, and cost nothing between.
 *
 * Gives what ends the export.
 */
export function exportMetrics(streams: Pick<KafkaStreams, 'metrics'>, options: ExportOptions = {}): () => void {
  const meter = options.meter ?? globalMetrics.getMeter('millrace')
  const instruments = new Map<string, Observable>()
  // Figures come and go with their tasks: instruments are made as names appear, and joined to the same reading.
  const discover = (): void => {
    for (const metric of recorded(streams)) {
      const name = instrumentName(metric)
      if (instruments.has(name)) continue
      const instrument = metric.name.endsWith('-total')
        ? meter.createObservableCounter(name)
        : meter.createObservableGauge(name)
      instruments.set(name, instrument)
    }
  }
  const observe = (result: BatchObservableResult): void => {
    const before = instruments.size
    discover()
    if (instruments.size > before) {
      meter.removeBatchObservableCallback(observe, [...instruments.values()].slice(0, before))
      meter.addBatchObservableCallback(observe, [...instruments.values()])
    }
    for (const metric of recorded(streams)) report(result, instruments.get(instrumentName(metric))!, metric)
  }
  discover()
  meter.addBatchObservableCallback(observe, [...instruments.values()])
  return () => meter.removeBatchObservableCallback(observe, [...instruments.values()])
}

function recorded(streams: Pick<KafkaStreams, 'metrics'>): readonly Metric[] {
  return streams.metrics().filter(({ isRecorded }) => isRecorded)
}

function instrumentName({ group, name }: Metric): string {
  return `kafka.${group}.${name}`
}

function report(result: BatchObservableResult, instrument: Observable, { tags, value: read }: Metric): void {
  const value = read()
  const attributes: Attributes = { ...tags }
  if (typeof value === 'string') result.observe(instrument, 1, { ...attributes, value })
  else if (!Number.isNaN(value)) result.observe(instrument, value, attributes)
}
