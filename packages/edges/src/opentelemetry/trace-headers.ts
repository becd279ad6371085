import type { Headers } from '@millrace/serdes'
import { createTraceState, isSpanContextValid, type SpanContext } from '@opentelemetry/api'

const decoder = new TextDecoder()

/**
 * The trace that a record belongs to; undefined when its headers name none, or name it wrongly.
 *
 *     traceparent: 00-<32 hex digits: trace>-<16: span>-<2: flags>
 *     tracestate:  <vendor>=<value>,…
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export function readTraceHeaders(headers: Headers): SpanContext | undefined {
  if (headers.size === 0) return undefined
  const parent = headers.lastHeader('traceparent')?.value
  if (!parent) return undefined
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(decoder.decode(parent))
  if (found === null) return undefined
  const [, version, traceId, spanId, flags, more] = found
  // Version 00 has no further parts; ff is not a version.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  const context = { traceId: traceId!, spanId: spanId!, traceFlags: Number.parseInt(flags!, 16) & 1, isRemote: true }
  if (!isSpanContextValid(context)) return undefined
  const state = headers.lastHeader('tracestate')?.value
  return state ? { ...context, traceState: createTraceState(decoder.decode(state)) } : context
}

/** The headers with this trace in place of theirs. */
export function writeTraceHeaders(headers: Headers, { traceId, spanId, traceFlags, traceState }: SpanContext): Headers {
  const flags = traceFlags.toString(16).padStart(2, '0')
  const state = traceState?.serialize()
  const traced = headers
    .remove('traceparent')
    .remove('tracestate')
    .add('traceparent', `00-${traceId}-${spanId}-${flags}`)
  return state ? traced.add('tracestate', state) : traced
}
