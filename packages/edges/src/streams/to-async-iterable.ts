import { ReadableStream } from 'node:stream/web'
import type { TopicDeclaration } from '@millrace/serdes'
import type { KStream } from '@millrace/streams-core'
import { type OutputEdge, type OutputOptions, type OutputRecord, outputEdge } from './output-edge.ts'

/**
 * Writes a stream to a topic, and gives what is committed there. Each `for await` reads the topic by itself; one that began
 * before the application has started misses nothing. It ends when the application does, after all that was committed.
 *
 * ```ts
 * const alarms = toAsyncIterable(stream, topic('alarms', { key, value }))
 * for await (const { key, value } of alarms) page(key, value)
 * ```
 *
 * Back-pressure: the topic is read on only when all that one poll gave was taken; what is not read yet stays in the log. In the
 * test driver there is no log to leave it in: there all results wait in memory.
 */
export function toAsyncIterable<K, V>(
  stream: KStream<K, V>,
  topic: TopicDeclaration<K, V>,
  options: OutputOptions = {},
): AsyncIterable<OutputRecord<K, V>> {
  const edge = outputEdge(stream, topic, options)
  return { [Symbol.asyncIterator]: () => new OutputIterator(edge) }
}

/** The same as a web stream, with the same back-pressure: nothing is read ahead of the consumer's queue. */
export function toReadableStream<K, V>(
  stream: KStream<K, V>,
  topic: TopicDeclaration<K, V>,
  options: OutputOptions = {},
): ReadableStream<OutputRecord<K, V>> {
  const records = new OutputIterator(outputEdge(stream, topic, options))
  return new ReadableStream<OutputRecord<K, V>>(
    {
      async pull(controller) {
        const result = await records.next()
        if (result.done === true) controller.close()
        else controller.enqueue(result.value)
      },
      async cancel() {
        await records.return()
      },
    },
    { highWaterMark: 0 },
  )
}

type Result<K, V> = IteratorResult<OutputRecord<K, V>, undefined>

/** One reading of the topic; it begins when the iterator is made. */
class OutputIterator<K, V> implements AsyncIterator<OutputRecord<K, V>, undefined> {
  readonly #unsubscribe: () => void
  #records: OutputRecord<K, V>[] = []
  #at = 0
  #isEnded = false
  #error: Error | undefined
  #onTaken: (() => void) | undefined
  readonly #waiting: (() => void)[] = []

  constructor(edge: OutputEdge<K, V>) {
    this.#unsubscribe = edge.subscribe({
      onRecords: (records) => this.#add(records),
      onEnd: (error) => {
        this.#isEnded = true
        this.#error = error
        this.#wake()
      },
    })
  }

  async next(): Promise<Result<K, V>> {
    for (;;) {
      const record = this.#records[this.#at]
      if (record !== undefined) {
        this.#at += 1
        this.#maybeTaken()
        return { done: false, value: record }
      }
      if (this.#error !== undefined) {
        const error = this.#error
        this.#error = undefined
        throw error
      }
      if (this.#isEnded) return { done: true, value: undefined }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async return(): Promise<Result<K, V>> {
    this.#isEnded = true
    this.#records = []
    this.#at = 0
    this.#unsubscribe()
    this.#onTaken?.()
    this.#wake()
    return { done: true, value: undefined }
  }

  #add(records: readonly OutputRecord<K, V>[]): Promise<void> {
    this.#records.push(...records)
    this.#wake()
    return new Promise((resolve) => {
      this.#onTaken = resolve
    })
  }

  #maybeTaken(): void {
    if (this.#at < this.#records.length) return
    this.#records = []
    this.#at = 0
    this.#onTaken?.()
    this.#onTaken = undefined
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
