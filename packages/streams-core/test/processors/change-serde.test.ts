import { Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { Change } from '../../src/processors/change.ts'
import { changeSerde } from '../../src/processors/change-serde.ts'

const serde = changeSerde(Serdes.string())

/** Made with Java's ChangedSerializer. */
const javaBytes: readonly (readonly [change: Change<string>, hex: string])[] = [
  [new Change<string>(null, 'old'), '6f6c6400'],
  [new Change<string>('new', null), '6e657701'],
  [new Change('new', 'older'), '066e65776f6c64657202'],
  [new Change('n'.repeat(100), 'o'), `c801${'6e'.repeat(100)}6f02`],
]

test.each(javaBytes)('writes and reads Java’s bytes of %o', (change, hex) => {
  expect(Buffer.from(serde.serialize('t', change)!).toString('hex')).toBe(hex)
  expect(serde.deserialize('t', new Uint8Array(Buffer.from(hex, 'hex')))).toEqual(change)
})

test.each([
  [new Change<string>(null, 'old', false), '6f6c640003'],
  [new Change<string>('new', null, true), '6e65770104'],
  [new Change('new', 'older', false), '066e65776f6c6465720005'],
])('reads what carries its own mark of being latest: %o', (change, hex) => {
  expect(serde.deserialize('t', new Uint8Array(Buffer.from(hex, 'hex')))).toEqual(change)
})

test('refuses an update without values, and an unknown kind', () => {
  expect(() => serde.serialize('t', new Change<string>(null, null))).toThrow('neither a new nor an old value')
  expect(() => serde.deserialize('t', Uint8Array.of(1, 9))).toThrow('unknown kind 9')
})
