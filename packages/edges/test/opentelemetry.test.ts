import { Headers, Serdes, topic } from '@millrace/serdes'
import { StreamsBuilder, silentLogger } from '@millrace/streams-core'
import { TestRecord, TopologyTestDriver } from '@millrace/testkit'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportMetrics, openTelemetryTracing } from '../src/opentelemetry/index.ts'

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const string = Serdes.string()
const words = topic('words', { key: string, value: string })
const counts = topic('counts', { key: string, value: Serdes.json<number>() })
const contexts = new AsyncLocalStorageContextManager()

beforeAll(() => {
  contexts.enable()
  context.setGlobalContextManager(contexts)
})

afterAll(() => context.disable())

/** `words` ─► by word, through a repartition topic ─► `counts`. */
function wordCount(onWord: (word: string) => void = () => {}): StreamsBuilder {
  const builder = new StreamsBuilder({ logger: silentLogger })
  builder
    .stream(words)
    .peek(onWord)
    .groupBy((word) => word, { keySerde: string, valueSerde: string })
    .count({ storeName: 'store' })
    .toStream()
    .to(counts)
  return builder
}

function recording() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  return { exporter, tracing: openTelemetryTracing({ tracer: provider.getTracer('test') }) }
}

test('figures are what the SDK collects, with their tags as attributes', async () => {
  const reader = new OnDemandReader()
  const provider = new MeterProvider({ readers: [reader] })
  const driver = new TopologyTestDriver(wordCount().build())
  const end = exportMetrics(driver, { meter: provider.getMeter('test') })
  driver.createInputTopic(words).pipeInput('k', 'to')
  driver.createInputTopic(words).pipeInput('k', 'be')
  const { resourceMetrics, errors } = await reader.collect()
  expect(errors).toEqual([])
  const found = new Map(
    resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics).map((m) => [m.descriptor.name, m]),
  )
  const consumed = found.get('kafka.stream-topic-metrics.records-consumed-total')!
  expect(consumed.dataPoints.find(({ attributes }) => attributes['topic'] === 'words')!.value).toBe(2)
  expect(found.has('kafka.stream-task-metrics.dropped-records-total')).toBe(true)
  // Above the recording level: not exported.
  expect(found.has('kafka.stream-state-metrics.put-rate')).toBe(false)
  end()
  driver.createInputTopic(words).pipeInput('k', 'or')
  const after = (await reader.collect()).resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
  const kept = after.find(({ descriptor }) => descriptor.name === 'kafka.stream-topic-metrics.records-consumed-total')
  expect(kept?.dataPoints.find(({ attributes }) => attributes['topic'] === 'words')?.value).toBe(2)
  driver.close()
})

test('figures that appear later are collected from the next time on', async () => {
  const reader = new OnDemandReader()
  const settings = { 'default.timestamp.extractor': 'LogAndSkipOnInvalidTimestamp' } as const
  const driver = new TopologyTestDriver(wordCount().build(), settings)
  const end = exportMetrics(driver, { meter: new MeterProvider({ readers: [reader] }).getMeter('test') })
  const drops = async () => {
    const { resourceMetrics } = await reader.collect()
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
    return metrics.find(({ descriptor }) => descriptor.name.endsWith('dropped-records-by-reason-total'))
  }
  expect(await drops()).toBeUndefined()
  driver.createInputTopic(words).pipeInput(new TestRecord('k', 'be', -1))
  await drops()
  expect((await drops())?.dataPoints).toMatchObject([{ value: 1, attributes: { reason: 'invalid-timestamp' } }])
  end()
  driver.close()
})

test('a trace follows a record through the repartition topic and out', () => {
  const { exporter, tracing } = recording()
  const active: (string | undefined)[] = []
  const builder = wordCount(() => active.push(trace.getActiveSpan()?.spanContext().spanId))
  const driver = new TopologyTestDriver(builder.build(), { 'record.tracing': tracing })
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = Headers.empty
    .add('traceparent', `00-${traceId}-00f067aa0ba902b7-01`)
    .add('tracestate', 'vendor=value')
    .add('own', 'kept')
  driver.createInputTopic(words).pipeInput(new TestRecord('k', 'be', 0, headers))
  const spans = exporter.getFinishedSpans()
  const [inner, outer] = [
    spans.find(({ name }) => name === 'process test-store-repartition')!,
    spans.find(({ name }) => name === 'process words')!,
  ]
  expect(spans).toHaveLength(2)
  expect(outer.spanContext().traceId).toBe(traceId)
  expect(outer.parentSpanContext?.spanId).toBe('00f067aa0ba902b7')
  expect(inner.spanContext().traceId).toBe(traceId)
  expect(inner.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
  expect(outer.attributes).toMatchObject({
    'messaging.system': 'kafka',
    'messaging.destination.name': 'words',
    'messaging.kafka.offset': 0,
    'millrace.task.id': '0_0',
  })
  expect(active).toEqual([outer.spanContext().spanId])
  const out = driver.createOutputTopic(counts).readRecord().headers
  const text = (name: string) => new TextDecoder().decode(out.lastHeader(name)!.value!)
  expect(text('traceparent')).toBe(`00-${traceId}-${inner.spanContext().spanId}-01`)
  expect(text('tracestate')).toBe('vendor=value')
  expect(text('own')).toBe('kept')
  driver.close()
})

test.each([
  'nonsense',
  '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
])('a traceparent that is none begins a new trace: %s', (traceparent) => {
  const { exporter, tracing } = recording()
  const driver = new TopologyTestDriver(wordCount().build(), { 'record.tracing': tracing })
  const headers = Headers.empty.add('traceparent', traceparent)
  driver.createInputTopic(words).pipeInput(new TestRecord('k', 'be', 0, headers))
  const outer = exporter.getFinishedSpans().find(({ name }) => name === 'process words')!
  expect(outer.parentSpanContext).toBeUndefined()
  driver.close()
})

test('an error that ends the task is in the span of its record', () => {
  const { exporter, tracing } = recording()
  const builder = wordCount(() => {
    throw new Error('No words please.')
  })
  const driver = new TopologyTestDriver(builder.build(), { 'record.tracing': tracing })
  expect(() => driver.createInputTopic(words).pipeInput('k', 'be')).toThrow(/No words please/)
  const [span] = exporter.getFinishedSpans()
  expect(span!.status.message).toMatch(/No words please/)
  expect(span!.events.map(({ name }) => name)).toEqual(['exception'])
  driver.close()
})

test('without tracing the headers of records stay as they are', () => {
  const driver = new TopologyTestDriver(wordCount().build())
  driver.createInputTopic(words).pipeInput('k', 'be')
  expect(driver.createOutputTopic(counts).readRecord().headers.size).toBe(0)
  driver.close()
})

test('tracing is off until an SDK is registered', () => {
  const driver = new TopologyTestDriver(wordCount().build(), { 'record.tracing': openTelemetryTracing() })
  const counted = (word: string) => {
    driver.createInputTopic(words).pipeInput('k', word)
    return driver.createOutputTopic(counts).readRecord().headers
  }
  expect(counted('be').size).toBe(0)
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  try {
    expect(counted('to').lastHeader('traceparent')).not.toBeUndefined()
    expect(exporter.getFinishedSpans()).toHaveLength(2)
  } finally {
    trace.disable()
    driver.close()
  }
})
