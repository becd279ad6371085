export { type ExportOptions, exportMetrics } from './export-metrics.ts'
export { openTelemetryTracing, type TracingOptions } from './record-tracing.ts'
