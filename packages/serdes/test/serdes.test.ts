import { test } from 'vitest'
import { serdeSuite } from '../src/conformance.ts'
import { Serdes } from '../src/index.ts'

const bytes = (...list: number[]) => Uint8Array.from(list)

serdeSuite({
  test,
  serde: Serdes.string(),
  values: ['', 'a', 'b', 'é', '漢', '😀'],
  sameBytes: [
    ['é漢', 'c3a9e6bca2'],
    ['\ufeffa', 'efbbbf61'],
  ],
  wrongValues: [1, {}, undefined],
  ordered: true,
})
serdeSuite({
  test,
  serde: Serdes.int32(),
  values: [0, 1, 2 ** 31 - 1, -1, -(2 ** 31)],
  sameBytes: [
    [1, '00000001'],
    [-2, 'fffffffe'],
  ],
  wrongValues: [1.5, 2 ** 31, 'x', Number.NaN],
  wrongBytes: [bytes(), bytes(1, 2, 3), bytes(1, 2, 3, 4, 5)],
})
serdeSuite({
  test,
  serde: Serdes.int64(),
  values: [0, 1, 2 ** 32, 2 ** 53 - 1, -1, -(2 ** 32) - 1, -(2 ** 53) + 1],
  sameBytes: [
    [1, '0000000000000001'],
    [-2, 'fffffffffffffffe'],
    [2 ** 40 + 7, '0000010000000007'],
  ],
  wrongValues: [0.5, 2 ** 53, 1n, Number.POSITIVE_INFINITY],
  wrongBytes: [bytes(1), bytes(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), bytes(0x80, 0, 0, 0, 0, 0, 0, 0)],
})
serdeSuite({
  test,
  serde: Serdes.bigint64(),
  values: [0n, 2n ** 63n - 1n, -(2n ** 63n)],
  sameBytes: [[-1n, 'ffffffffffffffff']],
  wrongValues: [1, 2n ** 63n],
  wrongBytes: [bytes()],
})
serdeSuite({
  test,
  serde: Serdes.float64(),
  values: [0, -0, 1.5, -1e300, Number.NaN, Number.NEGATIVE_INFINITY],
  sameBytes: [
    [1.5, '3ff8000000000000'],
    [Number.NaN, '7ff8000000000000'],
  ],
  wrongValues: ['1', 1n],
  wrongBytes: [bytes(0, 0, 0, 0)],
})
serdeSuite({
  test,
  serde: Serdes.boolean(),
  values: [false, true],
  sameBytes: [[true, '01']],
  wrongValues: [0, 'true'],
  wrongBytes: [bytes(), bytes(2), bytes(0, 1)],
  ordered: true,
})
serdeSuite({ test, serde: Serdes.bytes(), values: [bytes(), bytes(0, 255)], wrongValues: ['x', [1]] })
serdeSuite({ test, serde: Serdes.void(), values: [], wrongValues: [0, undefined], wrongBytes: [bytes()] })
serdeSuite({
  test,
  serde: Serdes.uuid(),
  values: ['00112233-4455-6677-8899-aabbccddeeff'],
  wrongValues: ['0-0-0-0-0', 'x'],
  wrongBytes: [bytes(1), Buffer.from('00112233-4455-6677-8899-aabbccddeefg')],
})
const cycle: { self?: unknown } = {}
cycle.self = cycle
serdeSuite({
  test,
  serde: Serdes.json(),
  values: [{ b: 1, a: [true, 'é', { c: null }] }, 'text', 0, [], '\ud800'],
  sameBytes: [['é', '22c3a922']],
  wrongValues: [undefined, () => 1, 1n, cycle],
  wrongBytes: [bytes(), Buffer.from('{'), bytes(0x22, 0xff, 0x22)],
})
