// Conformance suite for authors of serdes.
//
// Supply:   `test` (vitest's, node:test's or any other with this shape), the serde, and values of its type.
// Optional: `sameBytes` (pairs of value and bytes in hexadecimal, the format as others write it), `wrongValues`,
//           `wrongBytes`, and `ordered: true` when the order of values must equal the order of their bytes (range scans).

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import type { Serde } from './serde.ts'
import { SerializationError } from './serialization-error.ts'

/** What the suite is given. */
export interface SerdeSuiteOptions<T> {
  readonly test: (name: string, body: () => void) => void
  readonly serde: Serde<T>
  /** Values that must survive a round trip; with `ordered`, in ascending order. */
  readonly values: readonly T[]
  readonly sameBytes?: readonly (readonly [value: T, hex: string])[]
  /** Values which the serde must refuse. */
  readonly wrongValues?: readonly unknown[]
  /** Bytes which the serde must refuse. */
  readonly wrongBytes?: readonly Uint8Array[]
  readonly ordered?: boolean
}

/** Declares the tests which every serde passes. */
export function serdeSuite<T>(options: SerdeSuiteOptions<T>): void {
  const { test, serde, values } = options
  const name = serde.name ?? 'serde'
  const bytesOf = (value: T): Uint8Array => serde.serialize('topic', value) ?? new Uint8Array()

  test(`${name}: null is null on both sides`, () => {
    strictEqual(serde.serialize('topic', null), null)
    strictEqual(serde.deserialize('topic', null), null)
  })

  test(`${name}: values survive a round trip, also from a view into a larger buffer`, () => {
    for (const value of values) {
      const bytes = serde.serialize('topic', value)
      deepStrictEqual(serde.deserialize('topic', bytes), value)
      if (bytes === null) continue
      const larger = new Uint8Array(bytes.length + 7).fill(0xaa)
      larger.set(bytes, 3)
      deepStrictEqual(serde.deserialize('topic', larger.subarray(3, 3 + bytes.length)), value)
    }
  })

  test(`${name}: the same value gives the same bytes, in a buffer of its own`, () => {
    const first = values.map(bytesOf)
    const copies = first.map((bytes) => Uint8Array.from(bytes))
    const second = values.map(bytesOf)
    for (let i = 0; i < first.length; i++) {
      ok(Buffer.from(first[i]!).equals(copies[i]!), `bytes of value ${i} changed when others were serialized`)
      ok(Buffer.from(first[i]!).equals(second[i]!), `value ${i} gave other bytes the second time`)
    }
  })

  for (const [value, hex] of options.sameBytes ?? []) {
    test(`${name}: ${String(value)} is written as ${hex === '' ? 'no bytes' : hex}`, () => {
      strictEqual(Buffer.from(bytesOf(value)).toString('hex'), hex)
      deepStrictEqual(serde.deserialize('topic', Buffer.from(hex, 'hex')), value)
    })
  }

  test(`${name}: refuses wrong values and wrong bytes with a SerializationError that names the topic`, () => {
    const names = (error: unknown): boolean => error instanceof SerializationError && error.topic === 'topic'
    for (const value of options.wrongValues ?? []) throws(() => serde.serialize('topic', value as T), names)
    for (const bytes of options.wrongBytes ?? []) throws(() => serde.deserialize('topic', bytes), names)
  })

  if (options.ordered === true) {
    test(`${name}: bytes are ordered as the values are`, () => {
      for (let i = 1; i < values.length; i++) ok(Buffer.compare(bytesOf(values[i - 1]!), bytesOf(values[i]!)) < 0)
    })
  }
}
