/**
 * One update of a table: what the key has now and what it had before. Null: nothing.
 * `oldValue` is null too where no one below asked for old values.
 * `isLatest` is false for an update of a versioned table that did not change the newest version.
 * @see org.apache.kafka.streams.kstream.internals.Change
 */
export class Change<V> {
  readonly newValue: V | null
  readonly oldValue: V | null
  readonly isLatest: boolean

  constructor(newValue: V | null, oldValue: V | null, isLatest = true) {
    this.newValue = newValue
    this.oldValue = oldValue
    this.isLatest = isLatest
  }
}
