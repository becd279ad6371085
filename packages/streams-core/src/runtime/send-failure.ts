import { Headers } from '@millrace/serdes'
import { ClientError } from '../clients/client-error.ts'
import { ProductionError, TaskCorruptedError, toError } from '../errors.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { SendFailureListener } from './streams-producer.ts'

/** Asks the production handler what a failed send leads to: an error for the loop, or undefined to go on without the records. */
export function judgeSendFailure(config: StreamsConfig, onDropped: () => void): SendFailureListener {
  return (topic, partition, error) => {
    if (error instanceof ClientError && (error.kind === 'fenced' || error.kind === 'abortable')) return error
    const context = {
      topic: undefined,
      partition: -1,
      offset: -1,
      headers: Headers.empty,
      processorNodeId: '',
      taskId: '',
      timestamp: -1,
      sourceRawKey: null,
      sourceRawValue: null,
    }
    let result: 'resume' | 'fail' | 'retry'
    try {
      result = config.productionExceptionHandler.handleError(context, { topic, partition }, error).result
    } catch (handlerError) {
      return new ProductionError(
        topic,
        `The production exception handler itself threw (topic '${topic}', partition ${partition}): ${toError(handlerError).message}`,
        { cause: handlerError, taskId: '' },
      )
    }
    if (result === 'resume') {
      config.logger.warn(`Records for ${topic}-${partition} could not be sent and are left out.`, error)
      onDropped()
      return undefined
    }
    if (result === 'retry' && error instanceof ClientError && error.retriable) {
      return new TaskCorruptedError([], `Records for ${topic}-${partition} could not be sent; they are made again.`, {
        cause: error,
      })
    }
    return new ProductionError(topic, `Records for ${topic}-${partition} could not be sent: ${error.message}`, {
      cause: error,
      taskId: '',
    })
  }
}
