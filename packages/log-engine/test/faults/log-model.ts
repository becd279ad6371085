/** How a transaction stands, as far as its client was told. */
export type ModelOutcome = 'open' | 'unknown' | 'committed' | 'aborted'

/** A transaction of the model. */
export interface ModelTransaction {
  readonly name: string
  /** The offset of the source partition that it commits. */
  sourceOffset: number
  outcome: ModelOutcome
}

/** A record that was sent. */
export interface ModelRecord {
  readonly key: string
  readonly value: string | null
  /** Rises in the order of sending. */
  readonly timestamp: number
  readonly transaction: ModelTransaction | undefined
  /** undefined: the process died before the append was acknowledged. */
  readonly offset: number | undefined
}

/** What one partition should hold: the records in the order in which they were sent. */
export class ModelPartition {
  records: ModelRecord[] = []
  /** So many of the records are sure to survive a loss of power. */
  durableCount = 0
  /** Below it records may be gone. */
  startOffset = 0
  /** Below it they are: the deletion was acknowledged. */
  deletedOffset = 0
  /** Below it they are also after a loss of power. */
  durableStart = 0
}

/** A record that was read. */
export interface FoundRecord {
  readonly offset: number
  readonly leaderEpoch: number
  readonly key: string
  readonly value: string | null
}

/**
 * Compares what was read with what was sent: in order, without gap or repeat; all of what had to survive; nothing else.
 * Returns the records that are there. `mustHold` says how many of those sent had to survive.
 */
export function matchRecords(
  model: ModelPartition,
  found: readonly FoundRecord[],
  start: number,
  mustHold: number,
): ModelRecord[] {
  const sent = model.records.filter(({ offset }) => offset === undefined || offset >= start)
  const skipped = model.records.length - sent.length
  for (const [number, record] of found.entries()) {
    const expected = sent[number]
    if (expected === undefined) throw new Error(`offset ${record.offset} holds ${record.value}, which nobody sent`)
    if (expected.value !== record.value || expected.key !== record.key) {
      throw new Error(`offset ${record.offset} holds ${record.value} instead of ${expected.value}`)
    }
    if (expected.offset !== undefined && expected.offset !== record.offset) {
      throw new Error(`${record.value} was acknowledged at offset ${expected.offset} and is at ${record.offset}`)
    }
  }
  if (skipped + found.length < mustHold) {
    throw new Error(`${mustHold} records had to survive, but there are only ${skipped + found.length}`)
  }
  const survivors = sent.slice(0, found.length).map((record, number) => ({ ...record, offset: found[number]!.offset }))
  return [...model.records.slice(0, skipped), ...survivors]
}
