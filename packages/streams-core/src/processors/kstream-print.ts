import type { KeyMapper } from './functions.ts'
import type { Processor, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/** Where printed lines go. `close` is called when the task closes. */
export interface PrintTarget {
  writeLine(line: string): void
  close?(): void
}

/**
 * Writes `[label]: text` for each record and forwards nothing. The target is opened once for each task.
 * @see org.apache.kafka.streams.kstream.internals.KStreamPrint
 */
export function kstreamPrint<K, V>(
  label: string,
  text: KeyMapper<K, V, string>,
  openTarget: () => PrintTarget,
): ProcessorSupplier<K, V, never, never> {
  return () => new KStreamPrintProcessor(label, text, openTarget)
}

class KStreamPrintProcessor<K, V> implements Processor<K, V, never, never> {
  readonly #label: string
  readonly #text: KeyMapper<K, V, string>
  readonly #openTarget: () => PrintTarget
  #target!: PrintTarget

  constructor(label: string, text: KeyMapper<K, V, string>, openTarget: () => PrintTarget) {
    this.#label = label
    this.#text = text
    this.#openTarget = openTarget
  }

  init(): void {
    this.#target = this.#openTarget()
  }

  process(record: Record<K, V>): void {
    this.#target.writeLine(`[${this.#label}]: ${this.#text(record.value, record.key)}`)
  }

  close(): void {
    this.#target.close?.()
  }
}
