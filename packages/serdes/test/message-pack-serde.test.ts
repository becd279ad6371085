import { expect, test } from 'vitest'
import { serdeSuite } from '../src/conformance.ts'
import { messagePackSerde } from '../src/message-pack-serde.ts'

const cycle: { self?: unknown } = {}
cycle.self = cycle

serdeSuite({
  test,
  serde: messagePackSerde(),
  values: [{ b: 1, a: [true, 'é', { c: null }] }, 'text', 0, -1.5, [], new Date(1e12), Uint8Array.of(0, 255)],
  sameBytes: [
    [1, '01'],
    ['é', 'a2c3a9'],
    [[1, null], '9201c0'],
  ],
  wrongValues: [undefined, () => 1, Symbol('s'), cycle],
  wrongBytes: [new Uint8Array(), Uint8Array.of(0x92, 1), Uint8Array.of(1, 2), Uint8Array.of(0xc1)],
})

serdeSuite({ test, serde: messagePackSerde<bigint>({ bigint64: true }), values: [2n ** 60n, -(2n ** 60n)] })

test('decoded byte arrays do not change with the bytes of the record', () => {
  const bytes = Uint8Array.of(0xc4, 2, 7, 8)
  const value = messagePackSerde<Uint8Array>().deserialize('topic', bytes)!
  bytes.fill(0)
  expect([...value]).toEqual([7, 8])
})
