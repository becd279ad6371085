import type { Metric } from '@millrace/streams-core'

/** The content type of the text format. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Figures in Prometheus' text format, the recorded ones only. A name is Kafka's group and name, with underscores:
 * `dropped-records-total` of `stream-task-metrics` is `kafka_stream_task_metrics_dropped_records_total`. Figures that are texts
 * (a state, a version) have the value 1 and the text as the label `value`.
 *
 * Both names are what Kafka's JMX exporter gives with the rule `kafka.streams<type=(.+), (.+)><>(.+)`, so that dashboards fit.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(metrics: readonly Metric[]): string {
  const families = new Map<string, Metric[]>()
  for (const metric of metrics) {
    if (!metric.isRecorded) continue
    const name = familyName(metric)
    const family = families.get(name)
    if (family === undefined) families.set(name, [metric])
    else family.push(metric)
  }
  let text = ''
  for (const [name, family] of families) {
    text += `# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}\n`
    for (const metric of family) text += sampleOf(name, metric)
  }
  return text
}

/** What a figure is called outside of Kafka. */
export function familyName({ group, name }: Pick<Metric, 'group' | 'name'>): string {
  return `kafka_${group}_${name}`.replaceAll(/[^a-zA-Z0-9_]/g, '_')
}

function sampleOf(name: string, { tags, value: read }: Metric): string {
  const value = read()
  const labels = Object.entries(tags).map(([tag, of]) => label(tag, of))
  if (typeof value === 'string') labels.push(label('value', value))
  const set = labels.length === 0 ? '' : `{${labels.join(',')}}`
  return `${name}${set} ${typeof value === 'string' ? '1' : numberText(value)}\n`
}

function label(name: string, value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}="${escaped}"`
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
