import type { TopicDeclaration } from '@millrace/serdes'
import type { EdgeHost, EdgeSession, EdgeWriter, TopologyEdge } from '@millrace/streams-core/internal'
import { type InputOptions, writeValue } from './input-options.ts'

/** What a source may do while it feeds. */
export interface Feed<V> {
  /** Records that were written and are not acknowledged. */
  readonly pending: number
  /** Writes one value; false: feeding has stopped. */
  write(value: V): boolean
  /** Resolves when at most so many records are pending. */
  whenPendingAtMost(count: number): Promise<void>
  /** The source has failed: feeding stops. */
  fail(error: unknown): void
}

/** A source of values. Gives what stops it. */
export type Source<V> = (feed: Feed<V>) => () => void

/** Feeds a topic from a source while the application runs. */
export class InputEdge<K, V> implements TopologyEdge {
  readonly #topic: TopicDeclaration<K, V>
  readonly #source: Source<V>
  readonly #options: InputOptions<K, V>

  constructor(topic: TopicDeclaration<K, V>, source: Source<V>, options: InputOptions<K, V>) {
    this.#topic = topic
    this.#source = source
    this.#options = options
  }

  attach(host: EdgeHost): EdgeSession {
    return new InputSession(host, this.#topic, this.#source, this.#options)
  }
}

class InputSession<K, V> implements EdgeSession, Feed<V> {
  readonly #host: EdgeHost
  readonly #topic: TopicDeclaration<K, V>
  readonly #source: Source<V>
  readonly #options: InputOptions<K, V>
  #writer: EdgeWriter | undefined
  #stopSource: (() => void) | undefined
  #isStopped = false

  constructor(host: EdgeHost, topic: TopicDeclaration<K, V>, source: Source<V>, options: InputOptions<K, V>) {
    this.#host = host
    this.#topic = topic
    this.#source = source
    this.#options = options
  }

  open(): void | Promise<void> {
    const writer = this.#host.openWriter(this.#topic.name)
    if (!(writer instanceof Promise)) {
      this.#writer = writer
      return undefined
    }
    return writer.then((opened) => {
      this.#writer = opened
    })
  }

  run(): void {
    if (this.#isStopped) return
    const stop = this.#source(this)
    if (this.#isStopped) stop()
    else this.#stopSource = stop
  }

  get pending(): number {
    return this.#writer!.pending
  }

  write(value: V): boolean {
    if (this.#isStopped) return false
    try {
      writeValue(this.#writer!, this.#topic, value, this.#options)
      return true
    } catch (error) {
      this.fail(error)
      return false
    }
  }

  async whenPendingAtMost(count: number): Promise<void> {
    await this.#writer!.whenPendingAtMost(count)
  }

  fail(thrown: unknown): void {
    if (this.#isStopped) return
    this.#stop()
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    if (this.#options.onError !== undefined) this.#options.onError(error)
    else this.#host.logger.error(`The edge to topic '${this.#topic.name}' has stopped feeding it.`, error)
  }

  async stopFeeding(): Promise<void> {
    this.#stop()
    const writer = this.#writer
    this.#writer = undefined
    try {
      await writer?.close()
    } catch (error) {
      this.#host.logger.error(`Records of the edge to topic '${this.#topic.name}' could not be written.`, error)
    }
  }

  /** An application that failed is not asked to stop feeding before. */
  end(): Promise<void> {
    return this.stopFeeding()
  }

  #stop(): void {
    this.#isStopped = true
    this.#stopSource?.()
    this.#stopSource = undefined
  }
}
