import { expect, test } from 'vitest'
import { bytes } from '../../src/conformance/suite.ts'
import { VersionRow } from '../../src/versioned/version-row.ts'

test('has the bytes of Kafka Streams 4.3.1', () => {
  const row = VersionRow.of(bytes('one'), 10, 20)
  row.insertAsLatest(30, 40, bytes('three'))
  row.insertAsEarliest(5, null)
  const encoded = row.encode()
  expect(Buffer.from(encoded).toString('hex')).toBe(
    '00000000000000280000000000000005000000000000001e000000050000000000000014ffffffff' +
      '000000000000000a000000030000000000000005ffffffff6f6e657468726565',
  )
  expect(VersionRow.decode(encoded).encode()).toEqual(encoded)
})
