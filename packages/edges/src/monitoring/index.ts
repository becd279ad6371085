export type { DropView, TaskView } from './application-view.ts'
export { prometheusContentType, prometheusText } from './prometheus.ts'
export { type MonitoringOptions, type MonitoringService, RemoteMonitoringError, serveMetrics } from './serve-metrics.ts'
