import type { RecordTracing } from '@millrace/streams-core'
import {
  context,
  isSpanContextValid,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { readTraceHeaders, writeTraceHeaders } from './trace-headers.ts'

/** How records are traced. */
export interface TracingOptions {
  /** Default: one of the global tracer provider. */
  readonly tracer?: Tracer
}

/**
 * A span for each record that a task processes, for the setting `record.tracing`. It goes on with the trace that the record's
 * `traceparent` names, and all that the record leads to carries the span on: through repartition topics to the next task, and out
 * to other systems. While the record is processed, the span is the active one; user code sees it.
 *
 * ```ts
 * const streams = new KafkaStreams(topology, { ...settings, 'record.tracing': openTelemetryTracing() }, clients)
 * ```
 *
 * While no SDK is registered, records pass as if there were no tracing.
 *
 * Spans are named `process <topic>`, of kind CONSUMER, with the attributes of OpenTelemetry's conventions for messaging. An error
 * that ends the task is recorded in its record's span.
 */
export function openTelemetryTracing(options: TracingOptions = {}): RecordTracing {
  const tracer = options.tracer ?? trace.getTracer('millrace')
  return {
    isOn: options.tracer === undefined ? untilTrue(hasProvider) : () => true,
    trace({ applicationId, taskId, source, topic = source, partition, offset, headers }, process) {
      const parent = readTraceHeaders(headers)
      const parentContext = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
      const attributes = {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.kafka.offset': offset,
        'messaging.consumer.group.name': applicationId,
        'millrace.task.id': taskId,
        'millrace.source': source,
      }
      const span = tracer.startSpan(`process ${topic}`, { kind: SpanKind.CONSUMER, attributes }, parentContext)
      const spanContext = span.spanContext()
      const given = isSpanContextValid(spanContext) ? writeTraceHeaders(headers, spanContext) : headers
      try {
        context.with(trace.setSpan(parentContext, span), () => process(given))
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        span.recordException(error instanceof Error ? error : message)
        span.setStatus({ code: SpanStatusCode.ERROR, message })
        throw error
      } finally {
        span.end()
      }
    },
  }
}

/** Asks until the answer is true, and then no more. */
function untilTrue(ask: () => boolean): () => boolean {
  let isTrue = false
  return () => {
    if (!isTrue) isTrue = ask()
    return isTrue
  }
}

/** True from when an SDK has registered its provider. */
function hasProvider(): boolean {
  const provider = trace.getTracerProvider()
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('millrace') !== undefined
}
