import { Headers, Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { Change } from '../../src/processors/change.ts'
import { Record } from '../../src/processors/record.ts'
import { inMemoryKeyValueStore } from '../../src/state/bytes-store-suppliers.ts'
import { joinBufferStoreBuilder } from '../../src/state/join-buffer-store.ts'
import { outerJoinStoreBuilder } from '../../src/state/key-value-store-builders.ts'
import type { StateStore, StoreBuilder } from '../../src/state/state-store.ts'
import { suppressionBufferStoreBuilder } from '../../src/state/suppression-buffer-store.ts'
import { RecordingStoreContext } from './recording-store-context.ts'

const string = Serdes.string()
const options = { name: 'store', keySerde: string, valueSerde: string }

function open<S extends StateStore>(builder: StoreBuilder<S>, context: RecordingStoreContext): S {
  const store = builder.build()
  store.init(context)
  return store
}

/** A new store of the same kind, filled from what the first one logged. */
function restored<S extends StateStore>(builder: StoreBuilder<S>, from: RecordingStoreContext): S {
  const store = open(builder, new RecordingStoreContext())
  for (const [key, value, timestamp] of from.raw) store.restore!(key, value, timestamp)
  return store
}

test('suppressed changes are logged at a flush, and wait again after a restore, with their records’ contexts', () => {
  const context = new RecordingStoreContext()
  const builder = suppressionBufferStoreBuilder(options)
  const store = open(builder, context)
  store.put(10, 'b', new Change('new', 'sent'), context.at(10).recordContext()!)
  store.put(11, 'b', new Change('newer', 'new'), context.at(11).recordContext()!)
  store.put(5, 'a', new Change('only', null), context.at(5).recordContext()!)
  expect(context.raw).toEqual([])
  store.flush()
  const again = restored(builder, context)
  expect([again.numRecords, again.minTimestamp]).toEqual([2, 5])
  expect(again.bufferSize).toBe(store.bufferSize)
  expect(again.priorValueForBuffered('b')).toBe('sent')
  expect(again.priorValueForBuffered('c')).toBeUndefined()
  const left: unknown[] = []
  again.evictWhile(
    () => true,
    false,
    ({ key, newValue, oldValue, context }) =>
      left.push([key, newValue, oldValue, context.timestamp, context.topic, context.headers.size]),
  )
  expect(left).toEqual([
    ['a', 'only', null, 5, 'in', 1],
    ['b', 'newer', 'sent', 11, 'in', 1],
  ])
  expect(again.numRecords).toBe(0)
})

test('records of a join with grace leave in the order of their time; a late one is not taken', () => {
  const context = new RecordingStoreContext()
  const builder = joinBufferStoreBuilder({ ...options, graceMs: 10 })
  const store = open(builder, context)
  const put = (key: string, timestamp: number) =>
    store.put(new Record(key, `v${timestamp}`, timestamp, Headers.empty), context.at(timestamp).recordContext()!)
  expect([put('a', 20), put('b', 15), put('c', 9), put('a', 27)]).toEqual([true, true, false, true])
  const again = restored(builder, context)
  const left: unknown[] = []
  again.evictDue(({ key, value, timestamp }) => left.push([key, value, timestamp]))
  expect(left).toEqual([['b', 'v15', 15]])
})

test('unmatched records are ordered by time, then side, then key, and those of one key go together', () => {
  const context = new RecordingStoreContext()
  const builder = outerJoinStoreBuilder(inMemoryKeyValueStore('store'), {
    keySerde: string,
    leftValueSerde: string,
    rightValueSerde: Serdes.int32(),
  })
  const store = open(builder, context)
  const key = (timestamp: number, isLeft: boolean, of: string) => ({ timestamp, isLeft, key: of })
  store.add(key(7, true, 'k'), 'one')
  store.add(key(7, true, 'k'), 'two')
  store.add(key(7, false, 'z'), 3)
  store.add(key(2, true, 'k'), 'early')
  store.add(key(9, true, 'gone'), 'x')
  store.removeIfPresent(key(9, true, 'gone'))
  store.removeIfPresent(key(9, true, 'never there'))
  expect(context.raw.length).toBe(6)
  const all = [...restored(builder, context).all()]
  expect(all.map(([{ timestamp, isLeft }, value]) => [timestamp, isLeft, value])).toEqual([
    [2, true, 'early'],
    [7, false, 3],
    [7, true, 'one'],
    [7, true, 'two'],
  ])
  expect(all[2]![0]).toBe(all[3]![0])
})
