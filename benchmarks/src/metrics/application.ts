import { register } from 'node:module'
import type { StreamsProperties } from 'millrace'
import type { Workload } from '../workloads/workload.ts'
import type { Variant } from './variants.ts'

// A process that runs a workload under one variant, a pass whenever it is asked, and answers with the µs of CPU a record.
const [variant, workload, count] = process.argv.slice(2) as [Variant, Workload, string]
if (variant === 'no metrics') register('./without-recorders.js', import.meta.url)
// Only now: what is imported statically is loaded before the loader is there.
const { driverPass, packInput } = await import('../modes/driver.ts')
const input = packInput(workload, Number(count))
const properties = await propertiesOf(variant)

process.on('message', () => {
  const { cpuSeconds, records } = driverPass(workload, input, input.length, Number(count), properties)
  process.send!((cpuSeconds * 1e6) / records)
})
process.on('disconnect', () => process.exit(0))
process.send!('ready')

async function propertiesOf(variant: Variant): Promise<StreamsProperties> {
  if (variant === 'DEBUG' || variant === 'TRACE') return { 'metrics.recording.level': variant }
  if (!variant.startsWith('tracing')) return {}
  const { openTelemetryTracing } = await import('millrace/opentelemetry')
  if (variant === 'tracing off') return { 'record.tracing': openTelemetryTracing() }
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base')
  const exporter = {
    export: (_spans: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: async () => {},
  }
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
  return { 'record.tracing': openTelemetryTracing({ tracer: provider.getTracer('bench') }) }
}
