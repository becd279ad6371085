export {
  type DropView,
  type MonitoringOptions,
  type MonitoringService,
  prometheusContentType,
  prometheusText,
  RemoteMonitoringError,
  serveMetrics,
  type TaskView,
} from '@millrace/edges/monitoring'
