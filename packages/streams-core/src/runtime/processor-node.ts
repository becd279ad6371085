import { type Headers, type Serde, SerdeNotReadyError, Serdes } from '@millrace/serdes'
import { StoreCorruptError } from '@millrace/state-stores'
import { ClientError } from '../clients/client-error.ts'
import {
  ProcessingError,
  ProductionError,
  StreamsError,
  sentence,
  TaskCorruptedError,
  TaskMigratedError,
  toError,
} from '../errors.ts'
import type { ProcessingExceptionHandler } from '../exception-handlers.ts'
import type { Distribution } from '../metrics/recorders.ts'
import { countRecord, type SourceFigures, type TopicFigures } from '../metrics/task-metrics.ts'
import type { Processor } from '../processors/processor.ts'
import type { Record } from '../processors/record.ts'
import type { ProcessorPlan, SinkPlan, SourcePlan } from '../topology/processor-topology.ts'
import { errorHandlerContext } from './error-handler-context.ts'
import { type ChildNode, NodeContext, type Scheduler } from './processor-context.ts'
import type { TaskContext } from './task-context.ts'

/**
 * One processor of a task: calls it for each record, and asks the processing handler when it throws.
 * An error that its children could not handle passes through.
 * @see org.apache.kafka.streams.processor.internals.ProcessorNode
 */
export class ProcessorNode implements ChildNode {
  readonly name: string
  readonly context: NodeContext
  readonly #task: TaskContext
  readonly #processor: Processor<unknown, unknown, unknown, unknown>
  /** Undefined for a node with children. */
  readonly #latency: Distribution | undefined

  constructor(
    plan: ProcessorPlan,
    processor: Processor<unknown, unknown, unknown, unknown>,
    task: TaskContext,
    schedule: Scheduler | undefined,
  ) {
    this.name = plan.name
    this.#task = task
    this.context = new NodeContext(plan.name, task, plan.storeNames, schedule)
    this.#processor = processor
    this.#latency = plan.children.length === 0 ? task.figures.latencyAt(plan.name) : undefined
  }

  /** @throws ProcessingError when the processor's `init` throws */
  init(): void {
    try {
      this.#processor.init?.(this.context)
    } catch (error) {
      if (error instanceof StreamsError) throw error
      throw new ProcessingError(
        this.name,
        { topic: undefined, partition: undefined, offset: undefined },
        `Processor '${this.name}' of task ${this.#task.taskId} failed to initialise: ${toError(error).message}`,
        { cause: error, taskId: this.#task.taskId },
      )
    }
  }

  process(record: Record<unknown, unknown>): void {
    try {
      this.#processor.process(record)
    } catch (error) {
      this.#onError(error, record)
    }
    if (this.#latency !== undefined) this.#latency.record(this.#task.systemTimeMs - record.timestamp)
  }

  close(): void {
    this.#processor.close?.()
  }

  #onError(thrown: unknown, record: Record<unknown, unknown>): void {
    if (isForTheThread(thrown)) throw thrown
    handleProcessingError(this.#task, this.name, record, toError(thrown), this.#task.config.processingExceptionHandler)
  }
}

/** True for errors that no handler of the user's may judge: handled ones on their way out, and faults of the cluster, the disk or a schema registry. */
export function isForTheThread(thrown: unknown): boolean {
  return (
    thrown instanceof ProcessingError ||
    thrown instanceof TaskMigratedError ||
    thrown instanceof TaskCorruptedError ||
    thrown instanceof StoreCorruptError ||
    thrown instanceof SerdeNotReadyError ||
    thrown instanceof ClientError
  )
}

/**
 * Asks the processing handler about an error of user code, and does what it says.
 * `record` is undefined in a punctuation.
 * @throws ProcessingError when the handler says `fail`, or itself throws
 */
export function handleProcessingError(
  task: TaskContext,
  nodeName: string,
  record: Record<unknown, unknown> | undefined,
  error: Error,
  handler: ProcessingExceptionHandler,
): void {
  const context = errorHandlerContext(task, nodeName)
  const location = { topic: context.topic, partition: context.partition, offset: context.offset }
  const where = `task ${task.taskId}, processor '${nodeName}'${context.topic === undefined ? '' : `, record ${context.topic}-${context.partition} at offset ${context.offset}`}`
  let response: ReturnType<ProcessingExceptionHandler['handleError']>
  try {
    response = handler.handleError(context, record, error)
  } catch (handlerError) {
    throw new ProcessingError(
      nodeName,
      location,
      `The processing exception handler itself threw (${where}): ${toError(handlerError).message}`,
      { cause: handlerError, taskId: task.taskId },
    )
  }
  if (response.deadLetterQueueRecords.length > 0) {
    if (task.hasCollector()) task.collector().sendDeadLetters(response.deadLetterQueueRecords)
    else task.logger.warn(`Dead-letter records of a global store's processor cannot be sent (${where}).`)
  }
  if (response.result === 'resume') {
    task.logger.warn(`Skipped a record that failed in processing (${where}).`, error)
    task.recordDropped('processing-error', nodeName)
    return
  }
  if (error instanceof ProductionError) throw error
  throw new ProcessingError(
    nodeName,
    location,
    `Processing failed (${where}): ${sentence(error.message)} To go on without such records, set processing.exception.handler to 'continue'.`,
    { cause: error, taskId: task.taskId },
  )
}

/**
 * Where a topic's records enter a subtopology.
 * @see org.apache.kafka.streams.processor.internals.SourceNode
 */
export class SourceNode implements ChildNode {
  readonly name: string
  readonly plan: SourcePlan
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  readonly context: NodeContext
  readonly figures: SourceFigures

  constructor(plan: SourcePlan, task: TaskContext) {
    this.name = plan.name
    this.plan = plan
    this.keySerde = plan.keySerde ?? task.config.defaultKeySerde ?? rawBytes
    this.valueSerde = plan.valueSerde ?? task.config.defaultValueSerde ?? rawBytes
    this.context = new NodeContext(plan.name, task)
    this.figures = task.figures.source(plan.name)
  }

  process(record: Record<unknown, unknown>): void {
    this.context.forward(record)
  }
}

/**
 * Where records leave a subtopology for a topic.
 * @see org.apache.kafka.streams.processor.internals.SinkNode
 */
export class SinkNode implements ChildNode {
  readonly name: string
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  readonly partitioner: SinkPlan['partitioner']
  readonly #topic: SinkPlan['topic']
  readonly #task: TaskContext
  readonly #latency: Distribution
  #sentTopic = ''
  #sentFigures!: TopicFigures

  constructor(plan: SinkPlan, task: TaskContext) {
    this.name = plan.name
    this.keySerde = plan.keySerde ?? task.config.defaultKeySerde ?? rawBytes
    this.valueSerde = plan.valueSerde ?? task.config.defaultValueSerde ?? rawBytes
    this.partitioner = plan.partitioner
    this.#topic = plan.topic
    this.#task = task
    this.#latency = task.figures.latencyAt(plan.name)
  }

  process(record: Record<unknown, unknown>): void {
    const topic = typeof this.#topic === 'string' ? this.#topic : this.#extractTopic(record, this.#topic)
    this.#task.collector().send(topic, record, this, this.#task)
    this.#latency.record(this.#task.systemTimeMs - record.timestamp)
  }

  /** Counts a record that was sent. */
  sent(topic: string, key: Uint8Array | null, value: Uint8Array | null, headers: Headers): void {
    if (topic !== this.#sentTopic) {
      this.#sentTopic = topic
      this.#sentFigures = this.#task.figures.produced(this.name, topic)
    }
    countRecord(this.#sentFigures, topic.length, key, value, headers)
  }

  #extractTopic(record: Record<unknown, unknown>, extract: Exclude<SinkPlan['topic'], string>): string {
    const current = this.#task.current
    return extract(record.value, record.key, {
      timestamp: record.timestamp,
      offset: current?.offset ?? -1,
      partition: current?.partition ?? -1,
      topic: current?.topic,
      headers: record.headers,
    })
  }
}

const rawBytes = Serdes.bytes() as Serde<unknown>
