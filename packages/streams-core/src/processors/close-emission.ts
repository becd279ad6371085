import type { Counter, Distribution } from '../metrics/recorders.ts'
import type { InternalProcessorContext } from './internal-processor-context.ts'

/** Setting of how often, in ms of wall-clock time, results of closed windows are looked for (Kafka's internal name). */
export const windowedEmitInterval = '__emit.interval.ms.kstreams.windowed.aggregation__'
/** The same for unmatched records of left and outer stream-stream joins. */
export const outerJoinEmitInterval = '__emit.interval.ms.kstreams.outer.join.spurious.results.fix__'

/** Reads one of the two settings. Default: 1000, in a test 0: there a result comes with the record that makes it due. */
export function emitIntervalMs(context: InternalProcessorContext<unknown, unknown>, setting: string): number {
  const configs = context.appConfigs()
  const given = configs[setting]
  if (given !== undefined) return Number(given)
  return configs['mode'] === 'test' ? 0 : 1000
}

/**
 * Remembers up to which close time the results of closed windows have been emitted, and when to look for more.
 * The close time is stream time minus grace (minus the gap, for sessions); it survives a restart in the committed offsets.
 * @see org.apache.kafka.streams.kstream.internals.AbstractKStreamTimeWindowAggregateProcessor
 */
export class CloseEmission {
  readonly #context: InternalProcessorContext<unknown, unknown>
  readonly #storeName: string
  readonly #intervalMs: number
  readonly #emitted: Counter
  readonly #latency: Distribution
  #nextTimeMs = 0
  #beginMs = 0
  #lastCloseTime: number

  constructor(context: InternalProcessorContext<unknown, unknown>, storeName: string) {
    this.#context = context
    this.#storeName = storeName
    this.#intervalMs = emitIntervalMs(context, windowedEmitInterval)
    this.#lastCloseTime = context.processorMetadata(storeName) ?? -1
    const { emitted, latency } = context.figures.finalEmission(context.nodeName)
    this.#emitted = emitted
    this.#latency = latency
  }

  /** The close time of the last emission; -1 before the first. */
  get lastCloseTime(): number {
    return this.#lastCloseTime
  }

  /**
   * True when the close time has moved on and the interval is over, or, with `urgent`, whatever the interval.
   * The next interval begins with a call that found the last one over, also if the close time had not moved.
   */
  isDue(closeTime: number, urgent: boolean): boolean {
    const now = this.#context.currentSystemTimeMs()
    if (now < this.#nextTimeMs && !urgent) return false
    this.#nextTimeMs = now + this.#intervalMs
    const { isDetailed, metrics } = this.#context.figures
    if (isDetailed) this.#beginMs = metrics.nowMs()
    return this.#lastCloseTime < closeTime
  }

  /** `count`: how many results were emitted since the emission was due. */
  emitted(closeTime: number, count: number): void {
    this.#emitted.total += count
    const { isDetailed, metrics } = this.#context.figures
    if (isDetailed) this.#latency.record(metrics.nowMs() - this.#beginMs)
    this.#lastCloseTime = closeTime
    this.#context.setProcessorMetadata(this.#storeName, closeTime)
  }
}
