import { SerdeNotReadyError } from '@millrace/serdes'
import type { ConsumerRecord } from '../clients/consumer.ts'
import { DeserializationError, sentence, toError } from '../errors.ts'
import type { ErrorHandlerResponse } from '../exception-handlers.ts'
import type { SourceNode } from './processor-node.ts'
import type { TaskContext } from './task-context.ts'

/**
 * Turns the bytes of one source's records into values, and asks the deserialization handler about bytes that are none.
 * @see org.apache.kafka.streams.processor.internals.RecordDeserializer
 */
export class RecordDeserializer {
  readonly #source: SourceNode
  readonly #task: TaskContext
  /** What the last successful call gave. */
  key: unknown
  value: unknown
  /** Set by a call that gave false because a serde has to fetch something first: nothing is known about the record yet. */
  notReady: SerdeNotReadyError | undefined

  constructor(source: SourceNode, task: TaskContext) {
    this.#source = source
    this.#task = task
  }

  /**
   * Sets `key` and `value`. False: the handler chose to go on without the record, or `notReady` is set.
   * @throws DeserializationError when the handler chose to stop
   */
  deserialize(topic: string, partition: number, raw: ConsumerRecord): boolean {
    const { keySerde, valueSerde } = this.#source
    this.notReady = undefined
    try {
      this.key = keySerde.deserialize(topic, raw.key, raw.headers)
      this.value = valueSerde.deserialize(topic, raw.value, raw.headers)
      return true
    } catch (error) {
      if (error instanceof SerdeNotReadyError) this.notReady = error
      else this.#onError(topic, partition, raw, toError(error))
      return false
    }
  }

  #onError(topic: string, partition: number, raw: ConsumerRecord, error: Error): void {
    const task = this.#task
    const location = { topic, partition, offset: raw.offset }
    const where = `task ${task.taskId}, source '${this.#source.name}', record ${topic}-${partition} at offset ${raw.offset}`
    let response: ErrorHandlerResponse
    try {
      response = task.config.deserializationExceptionHandler.handleError(
        {
          ...location,
          headers: raw.headers,
          processorNodeId: this.#source.name,
          taskId: task.taskId,
          timestamp: raw.timestamp,
          sourceRawKey: raw.key,
          sourceRawValue: raw.value,
        },
        raw,
        error,
      )
    } catch (handlerError) {
      throw new DeserializationError(
        location,
        `The deserialization exception handler itself threw (${where}): ${toError(handlerError).message}`,
        { cause: handlerError, taskId: task.taskId },
      )
    }
    if (response.deadLetterQueueRecords.length > 0) {
      if (task.hasCollector()) task.collector().sendDeadLetters(response.deadLetterQueueRecords)
      else task.logger.warn(`Dead-letter records of a global store's source cannot be sent (${where}).`)
    }
    if (response.result !== 'resume') {
      throw new DeserializationError(
        location,
        `Cannot deserialize a record (${where}): ${sentence(error.message)} To go on without such records, set deserialization.exception.handler to 'continue'.`,
        { cause: error, taskId: task.taskId },
      )
    }
    task.logger.warn(`Skipped a record that cannot be deserialized (${where}).`, error)
    task.recordDropped('deserialization-error', this.#source.name)
  }
}
