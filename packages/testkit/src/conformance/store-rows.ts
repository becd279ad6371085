import type {
  KeyValueStore,
  SessionStore,
  StateStore,
  VersionedKeyValueStore,
  VersionedRecord,
  WindowStore,
} from '@millrace/streams-core'
import type { TopologyTestDriver } from '../topology-test-driver.ts'
import type { InputStep, StoreRow } from './case-file.ts'
import { jsonText } from './json-text.ts'
import { isTimestamped, type Value } from './value.ts'

/** The contents of the named stores, as a case lists them: rows in the order of their keys' JSON text. */
export function storeRows(
  driver: TopologyTestDriver,
  names: Iterable<string>,
  inputs: readonly InputStep[],
): { readonly [name: string]: readonly StoreRow[] } {
  const stores = driver.getAllStateStores()
  const rows: { [name: string]: readonly StoreRow[] } = {}
  for (const name of names) {
    const store = stores.get(name)
    if (store !== undefined) rows[name] = rowsOf(store, inputs)
  }
  return rows
}

function rowsOf(store: StateStore, inputs: readonly InputStep[]): readonly StoreRow[] {
  if ('getAsOf' in store) return versionedRows(store as VersionedKeyValueStore<Value, Value>, inputs)
  const entries =
    'findSessions' in store
      ? (store as SessionStore<Value, Value>).fetchRange(null, null)
      : (store as KeyValueStore<Value, Value> | WindowStore<Value, Value>).all()
  const rows = [...entries].map(([key, value]) => ({
    row: asJson(isTimestamped(value) ? { key: key as Value, ...value } : { key: key as Value, value }),
    order: jsonText(key as Value),
  }))
  rows.sort((a, b) => compareText(a.order, b.order) || compareText(jsonText(a.row), jsonText(b.row)))
  return rows.map(({ row }) => row)
}

/** For every text key of the inputs: the newest version, and the versions as of each input's timestamp, by age. */
function versionedRows(store: VersionedKeyValueStore<Value, Value>, inputs: readonly InputStep[]): readonly StoreRow[] {
  const records = inputs.filter((input) => 'topic' in input)
  const keys = new Set(records.map(({ key }) => key).filter((key) => typeof key === 'string'))
  const times = [...new Set(records.map(({ timestamp }) => timestamp))]
  return [...keys].sort(compareText).flatMap((key) => {
    const versions = new Map<number, StoreRow>()
    for (const found of [store.get(key), ...times.map((time) => store.getAsOf(key, time))]) {
      if (found !== null) versions.set(found.timestamp, versionRow(key, found))
    }
    return [...versions].sort(([a], [b]) => a - b).map(([, row]) => row)
  })
}

/** Java's look-ups do not tell until when a version was valid, so it is left out. */
/** Without the end of its validity, which the recorded store does not tell. */
function versionRow(key: string, { value, timestamp }: VersionedRecord<Value>): StoreRow {
  return asJson({ key, value, validFrom: timestamp })
}

function asJson(row: { readonly [field: string]: Value }): StoreRow {
  return JSON.parse(jsonText(row)) as StoreRow
}

/** By UTF-16 units, as Java compares. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
