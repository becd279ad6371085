import type { Headers } from '@millrace/serdes'
import type { Record } from '../processors/record.ts'
import type { RecordTracing } from '../record-tracing.ts'
import type { SourcePlan } from '../topology/processor-topology.ts'
import { SourceNode } from './processor-node.ts'
import type { TaskContext } from './task-context.ts'

/** The source of a task whose records are traced. Without tracing there is none, and so no cost. */
export class TracedSourceNode extends SourceNode {
  readonly #task: TaskContext
  readonly #tracing: RecordTracing

  constructor(plan: SourcePlan, task: TaskContext, tracing: RecordTracing) {
    super(plan, task)
    this.#task = task
    this.#tracing = tracing
  }

  override process(record: Record<unknown, unknown>): void {
    if (this.#tracing.isOn?.() === false) super.process(record)
    else this.#trace(record)
  }

  #trace(record: Record<unknown, unknown>): void {
    const { applicationId, taskId, current } = this.#task
    const { timestamp, headers } = record
    const traced = {
      applicationId,
      taskId,
      source: this.name,
      topic: current?.topic,
      partition: current?.partition ?? -1,
      offset: current?.offset ?? -1,
      timestamp,
      headers,
    }
    this.#tracing.trace(traced, (given: Headers) =>
      super.process(given === headers ? record : record.withHeaders(given)),
    )
  }
}
