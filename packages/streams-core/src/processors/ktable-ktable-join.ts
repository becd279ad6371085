import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import { Change } from './change.ts'
import type { ValueJoiner } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { TableJoinKind } from './joined-value-getter.ts'
import { joinedValueGetter } from './joined-value-getter.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import type { TableOperator } from './table-operator.ts'
import type { ValueGetter, ValueGetterSupplier } from './value-getter.ts'

export interface KTableKTableJoinOptions<K, L, R, VOut> {
  /** Which table's updates this processor takes. */
  readonly side: 'left' | 'right'
  readonly kind: TableJoinKind
  /** Called with (left, right, key) on both sides; null for a missing row of an outer side. */
  readonly joiner: ValueJoiner<K, L | null, R | null, VOut>
  readonly left: ValueGetterSupplier<K, L>
  readonly right: ValueGetterSupplier<K, R>
  readonly sendOldValues: boolean
  /** This side's table is versioned: updates that do not change the newest version are dropped and counted (KIP-914). */
  readonly versionedSemantics?: boolean
}

/**
 * One side of a table-table join: joins each update with the other table's row. The result's timestamp is the later of both.
 *
 * | other row | update | inner | other side outer | this side outer |
 * |---|---|---|---|---|
 * | there | any | joined | joined | joined, deletion included |
 * | missing | new or old value | nothing | joined with null | joined with null |
 * | missing | deletion of nothing | nothing | nothing | nothing |
 *
 * A null key is dropped and counted.
 * @see org.apache.kafka.streams.kstream.internals.KTableKTableAbstractJoin
 */
export function ktableKtableJoin<K, L, R, VOut>(
  options: KTableKTableJoinOptions<K, L, R, VOut>,
): TableOperator<K, Change<L | R>, K, VOut> {
  return { supplier: () => new KTableKTableJoinProcessor(options), getter: joinedValueGetter(options) }
}

class KTableKTableJoinProcessor<K, L, R, VOut> implements Processor<K, Change<L | R>, K, Change<VOut>> {
  readonly #options: KTableKTableJoinOptions<K, L, R, VOut>
  readonly #other: ValueGetter<K, L | R>
  /** A result may be without this side's row; without the other's. */
  readonly #thisMayMiss: boolean
  readonly #otherMayMiss: boolean
  #context!: InternalProcessorContext<K, Change<VOut>>

  constructor(options: KTableKTableJoinOptions<K, L, R, VOut>) {
    const { kind, side } = options
    this.#options = options
    this.#other = side === 'left' ? options.right.get() : options.left.get()
    this.#thisMayMiss = kind === 'outer' || (kind === 'left' && side === 'right')
    this.#otherMayMiss = kind === 'outer' || (kind === 'left' && side === 'left')
  }

  init(context: ProcessorContext<K, Change<VOut>>): void {
    this.#context = asInternal(context)
    this.#other.init(context)
  }

  process(record: Record<K, Change<L | R>>): void {
    const { key, value: change } = record
    if (key === null || (this.#options.versionedSemantics === true && !change.isLatest)) {
      this.#context.recordDropped(key === null ? 'null-key' : 'superseded')
      return
    }
    const other: ValueAndTimestamp<L | R> | null = this.#other.get(key)
    if (other === null && (!this.#otherMayMiss || (change.newValue === null && change.oldValue === null))) return
    const otherValue = other === null ? null : other.value
    const newValue = this.#join(change.newValue, otherValue, key)
    const oldValue = this.#options.sendOldValues ? this.#join(change.oldValue, otherValue, key) : null
    const timestamp = other === null ? record.timestamp : Math.max(record.timestamp, other.timestamp)
    this.#context.forward(record.withValue(new Change(newValue, oldValue, change.isLatest)).withTimestamp(timestamp))
  }

  #join(value: L | R | null, other: L | R | null, key: K): VOut | null {
    if (value === null && (!this.#thisMayMiss || other === null)) return null
    const { joiner, side } = this.#options
    return side === 'left' ? joiner(value as L, other as R, key) : joiner(other as L, value as R, key)
  }

  close(): void {
    this.#other.close?.()
  }
}
