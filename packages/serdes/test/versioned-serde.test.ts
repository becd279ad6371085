import { expect, test } from 'vitest'
import { avroSerde } from '../src/avro.ts'
import { serdeSuite } from '../src/conformance.ts'
import { type Serde, Serdes, versionedSerde } from '../src/index.ts'

interface V1 {
  readonly name: string
}
interface V2 {
  readonly first: string
}
interface V3 extends V2 {
  readonly last: string
}

const upcasters = {
  1: ({ name }: V1): V2 => ({ first: name }),
  2: (old: V2): V3 => ({ ...old, last: '?' }),
}
const json = <T>() => Serdes.json<T>()
const v1 = versionedSerde({ version: 1, serde: json<V1>() })
const v2 = versionedSerde({ version: 2, serde: json<V2>(), upcasters: { 1: upcasters[1] } })
const v3 = versionedSerde({ version: 3, serde: json<V3>(), upcasters })

serdeSuite({
  test,
  serde: v3,
  values: [{ first: 'a', last: 'b' }],
  wrongValues: [undefined],
  wrongBytes: [new Uint8Array(), Buffer.from('{}'), Buffer.from([0xd6, 0x56, 4, 0x7b]), Buffer.from([0xd6, 0x56])],
})
serdeSuite({
  test,
  serde: versionedSerde({ version: 300, serde: Serdes.string() }),
  values: ['', 'x'],
  sameBytes: [['x', 'd656ac0278']],
})

test('older values go through the upcasters, one version after the other', () => {
  expect(v3.deserialize('t', v1.serialize('t', { name: 'a' }))).toEqual({ first: 'a', last: '?' })
  expect(v3.deserialize('t', v2.serialize('t', { first: 'a' }))).toEqual({ first: 'a', last: '?' })
})

test('a newer value, or one older than the upcasters reach, is refused', () => {
  const bytes = v3.serialize('t', { first: 'a', last: 'b' })
  expect(() => v2.deserialize('t', bytes)).toThrow(/of version 3, and the versions that can be read are 1 to 2/)
  const short = versionedSerde({ version: 3, serde: json<V3>(), upcasters: { 2: upcasters[2] } })
  expect(() => short.deserialize('t', v1.serialize('t', { name: 'a' }))).toThrow(/upcasters from version 1/)
})

test('values from before there were versions are of the version that is said', () => {
  const serde = versionedSerde({ version: 3, serde: json<V3>(), upcasters, unversioned: 1 })
  expect(serde.deserialize('t', Buffer.from('{"name":"a"}'))).toEqual({ first: 'a', last: '?' })
})

test('older versions may have other serdes', () => {
  const schema = { type: 'record', name: 'R', fields: [{ name: 'name', type: 'string' }] }
  const avro = avroSerde<V1>({ schema })
  const old = versionedSerde({ version: 1, serde: avro }).serialize('t', { name: 'a' })
  const serde = versionedSerde({
    version: 2,
    serde: json<V2>(),
    serdes: { 1: avro as Serde<unknown> },
    upcasters: { 1: upcasters[1] },
  })
  expect(serde.deserialize('t', old)).toEqual({ first: 'a' })
})

test('upgrade gives the same bytes for the present version, and new ones for an older', () => {
  const present = v3.serialize('t', { first: 'a', last: 'b' })!
  expect(v3.upgrade!('t', present)).toBe(present)
  const upgraded = v3.upgrade!('t', v1.serialize('t', { name: 'a' })!)
  expect(upgraded).toEqual(v3.serialize('t', { first: 'a', last: '?' }))
})

test('an upcaster that throws is the affair of the record', () => {
  const serde = versionedSerde({
    version: 2,
    serde: json<V2>(),
    upcasters: {
      1: () => {
        throw new Error('no name')
      },
    },
  })
  expect(() => serde.deserialize('t', v1.serialize('t', { name: 'a' }))).toThrow(
    /version 1: its upcaster threw \(no name\)/,
  )
})

test('upcasters that do not lead to the version are refused where the serde is made', () => {
  const serde = json<V3>()
  expect(() => versionedSerde({ version: 3, serde, upcasters: { 1: upcasters[1] } })).toThrow(
    /no upcaster from version 2/,
  )
  expect(() => versionedSerde({ version: 1, serde, upcasters })).toThrow(/other than/)
  expect(() => versionedSerde({ version: 0, serde })).toThrow(/integer from 1/)
  expect(() => versionedSerde({ version: 3, serde, unversioned: 2 })).toThrow(/cannot be read/)
})

test('says what it reads, and what its values look like', () => {
  expect(v3.versions!.current).toBe(3)
  expect([undefined, 0, 1, 3, 4].map((version) => v3.versions!.canRead(version))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ])
  expect(v3.schema).toBeUndefined()
  expect(versionedSerde({ version: 1, serde: avroSerde({ schema: 'string' }) }).schema).toBe('string')
})
