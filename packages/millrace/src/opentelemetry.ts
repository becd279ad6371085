export {
  type ExportOptions,
  exportMetrics,
  openTelemetryTracing,
  type TracingOptions,
} from '@millrace/edges/opentelemetry'
