import { expect, test } from 'vitest'
import { decodeOffsetMetadata, encodeOffsetMetadata } from '../../src/runtime/offset-metadata.ts'

test('the bytes are those of Java: version 2, the partition time, the operators’ numbers', () => {
  expect(encodeOffsetMetadata({ partitionTime: 5, processorMetadata: new Map() })).toBe('AgAAAAAAAAAF')
  expect(encodeOffsetMetadata({ partitionTime: -1, processorMetadata: new Map([['k', 7]]) })).toBe(
    'Av//////////AAAAAQAAAAFrAAAAAAAAAAc=',
  )
})

test('what was encoded is decoded', () => {
  const metadata = {
    partitionTime: 1_700_000_000_000,
    processorMetadata: new Map([
      ['größe', 1],
      ['b', Number.MAX_SAFE_INTEGER],
    ]),
  }
  expect(decodeOffsetMetadata(encodeOffsetMetadata(metadata))).toEqual(metadata)
})

test('version 1 has the partition time only', () => {
  expect(decodeOffsetMetadata('AQAAAAAAAAAF')).toEqual({ partitionTime: 5, processorMetadata: new Map() })
})

test('what is empty, foreign or cut off gives no times', () => {
  for (const text of ['', 'hello', 'CQAAAAAAAAAF']) expect(decodeOffsetMetadata(text).partitionTime).toBe(-1)
  expect(decodeOffsetMetadata('Av//////////AAAAAQAAAAFr').processorMetadata.size).toBe(0)
})
