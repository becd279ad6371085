// Conformance suite for key-value bytes stores.
//
// Supply: `test`, and `factory`, which opens a new store (see `openStore`).

import { deepStrictEqual, strictEqual, throws } from 'node:assert'
import type { KeyValueBytesStore } from '../bytes-store.ts'
import { StoreClosedError } from '../store-error.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { bytes, drain, type StoreFixture, type SuiteTest, text } from './suite.ts'

/** What the suite is given. */
export interface KeyValueSuiteOptions {
  readonly test: SuiteTest
  readonly factory: () => Promise<StoreFixture<KeyValueBytesStore>>
}

/** Declares the tests which every key-value store passes. */
export function keyValueSuite({ test, factory }: KeyValueSuiteOptions): void {
  const withStore = (name: string, body: (store: KeyValueBytesStore) => void) => {
    test(name, async () => {
      const fixture = await factory()
      try {
        body(fixture.store)
      } finally {
        await fixture.remove()
      }
    })
  }
  const put = (store: KeyValueBytesStore, ...keys: string[]) => {
    for (const key of keys) store.put(bytes(key), bytes(`v${key}`))
  }
  const keys = (iterator: StoreIterator<Uint8Array, Uint8Array>) => drain(iterator).map(([key]) => text(key))

  withStore('puts, gets and deletes', (store) => {
    strictEqual(store.get(bytes('a')), null)
    put(store, 'a')
    strictEqual(text(store.get(bytes('a'))), 'va')
    strictEqual(text(store.delete(bytes('a'))), 'va')
    strictEqual(store.delete(bytes('a')), null)
    put(store, 'a')
    store.put(bytes('a'), null)
    strictEqual(store.get(bytes('a')), null)
    strictEqual(store.approximateNumEntries(), 0)
  })

  withStore('putIfAbsent writes only what is not there, and gives the value before', (store) => {
    strictEqual(store.putIfAbsent(bytes('a'), bytes('1')), null)
    strictEqual(text(store.putIfAbsent(bytes('a'), bytes('2'))), '1')
    strictEqual(text(store.get(bytes('a'))), '1')
    strictEqual(store.putIfAbsent(bytes('b'), null), null)
    strictEqual(store.get(bytes('b')), null)
  })

  withStore('ranges have inclusive ends, open ends and a reverse; an inverted one is empty', (store) => {
    put(store, 'a', 'b', 'c', 'd')
    deepStrictEqual(keys(store.range(bytes('b'), bytes('c'))), ['b', 'c'])
    deepStrictEqual(keys(store.range(null, bytes('b'))), ['a', 'b'])
    deepStrictEqual(keys(store.range(bytes('c'), null)), ['c', 'd'])
    deepStrictEqual(keys(store.reverseRange(null, null)), ['d', 'c', 'b', 'a'])
    deepStrictEqual(keys(store.reverseRange(bytes('b'), bytes('c'))), ['c', 'b'])
    deepStrictEqual(keys(store.range(bytes('c'), bytes('b'))), [])
    deepStrictEqual(keys(store.reverseRange(bytes('c'), bytes('b'))), [])
  })

  withStore('a prefix scan finds the keys with the prefix, also one of bytes 255', (store) => {
    put(store, 'a', 'ab', 'ac', 'b', '\xff', '\xff\xff', '\xff\xffx')
    deepStrictEqual(keys(store.prefixScan(bytes('a'))), ['a', 'ab', 'ac'])
    deepStrictEqual(keys(store.prefixScan(bytes('\xff\xff'))), ['\xff\xff', '\xff\xffx'])
    deepStrictEqual(keys(store.prefixScan(bytes('c'))), [])
    const prefix = Buffer.from('a')
    strictEqual(keys(store.prefixScan(prefix)).length, 3)
    strictEqual(text(prefix), 'a')
  })

  withStore('entries can be changed while a range is walked', (store) => {
    put(store, 'a', 'b', 'c')
    const seen: (string | null)[] = []
    for (const [key] of store.range(null, null)) {
      seen.push(text(key))
      store.delete(key)
      put(store, `${text(key)}0`)
    }
    deepStrictEqual(seen, ['a', 'b', 'c'])
    deepStrictEqual(keys(store.range(null, null)), ['a0', 'b0', 'c0'])
  })

  withStore('restores changelog records', (store) => {
    store.restore(bytes('a'), bytes('1'), 5)
    store.restore(bytes('b'), bytes('1'), 5)
    store.restore(bytes('a'), null, 6)
    deepStrictEqual(keys(store.range(null, null)), ['b'])
  })

  withStore('refuses to work when closed', (store) => {
    store.close()
    strictEqual(store.isOpen(), false)
    throws(() => store.get(bytes('a')), StoreClosedError)
    throws(() => store.put(bytes('a'), null), StoreClosedError)
    throws(() => store.range(null, null), StoreClosedError)
  })
}
