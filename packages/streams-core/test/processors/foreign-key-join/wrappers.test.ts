import { Serdes } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import { CombinedKeySchema } from '../../../src/processors/foreign-key-join/combined-key.ts'
import { subscriptionResponseWrapperSerde } from '../../../src/processors/foreign-key-join/subscription-response-wrapper.ts'
import { Instruction, subscriptionWrapperSerde } from '../../../src/processors/foreign-key-join/subscription-wrapper.ts'

const hash = bytes('e001ba9f5f750d0518bc9338ae3e72f3')

/** The bytes in this file were made with Java's own serializers. */
describe('subscriptions on their way to the right table', () => {
  const serde = subscriptionWrapperSerde(Serdes.string(), 'pk')

  test.each([
    [
      'version 1 with a hash',
      { hash, instruction: Instruction.propagateNullIfNoFkValAvailable, primaryKey: 'key', primaryPartition: 5 },
      '0102e001ba9f5f750d0518bc9338ae3e72f36b657900000005',
    ],
    [
      'version 1 without a hash',
      { hash: null, instruction: Instruction.deleteKeyAndPropagate, primaryKey: 'key', primaryPartition: 258 },
      '81016b657900000102',
    ],
    [
      'version 0, which has no partition',
      { hash, instruction: Instruction.propagateOnlyIfFkValAvailable, primaryKey: 'key', primaryPartition: undefined },
      '0003e001ba9f5f750d0518bc9338ae3e72f36b6579',
    ],
  ])('have Java’s bytes: %s', (_name, subscription, expected) => {
    expect(hex(serde.serialize('t', subscription))).toBe(expected)
    expect(serde.deserialize('t', bytes(expected))).toEqual(subscription)
  })

  test('refuse a version or an instruction that is not known', () => {
    expect(() => serde.deserialize('t', bytes('0202'))).toThrow('version 2')
    expect(() => serde.deserialize('t', bytes('8107'))).toThrow('instruction 7')
  })
})

describe('answers on their way to the left table', () => {
  const serde = subscriptionResponseWrapperSerde(Serdes.string())

  test.each([
    ['a value', hash, 'val', '00e001ba9f5f750d0518bc9338ae3e72f376616c'],
    ['no value', hash, null, '00e001ba9f5f750d0518bc9338ae3e72f3'],
    ['neither value nor hash', null, null, '80'],
  ])('have Java’s bytes: %s', (_name, answerHash, foreignValue, expected) => {
    const answer = { hash: answerHash, foreignValue, primaryPartition: 3 }
    expect(hex(serde.serialize('t', answer))).toBe(expected)
    expect(serde.deserialize('t', bytes(expected))).toEqual({ ...answer, primaryPartition: undefined })
  })
})

describe('keys of the subscription store', () => {
  const schema = new CombinedKeySchema({
    foreignKeySerde: Serdes.string(),
    foreignKeyTopic: 'fk',
    primaryKeySerde: Serdes.int32(),
    primaryKeyTopic: 'pk',
  })

  test('have Java’s bytes, and begin with the foreign key’s prefix', () => {
    const key = schema.toBytes('foreign', 7)
    expect(hex(key)).toBe('00000007666f726569676e00000007')
    expect(hex(schema.prefix('foreign'))).toBe('00000007666f726569676e')
    expect(schema.primaryKey(key)).toBe(7)
  })
})

function hex(value: Uint8Array | null): string | null {
  return value === null ? null : Buffer.from(value).toString('hex')
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
