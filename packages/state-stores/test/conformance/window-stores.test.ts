import { describe, test } from 'vitest'
import { openStore, windowSuite } from '../../src/conformance/index.ts'
import { inMemoryWindowStore, segmentedWindowStore, timeOrderedWindowStore } from '../../src/index.ts'
import { engines } from '../engines.ts'

for (const [name, fixture] of engines) {
  describe(`${name} engine`, () => {
    describe('segmented', () => {
      windowSuite({
        test,
        factory: (settings) => openStore(segmentedWindowStore(settings), fixture()),
        supports: { expiry: 'segment', order: 'segment-key' },
      })
    })
    describe('time-ordered', () => {
      windowSuite({
        test,
        factory: (settings) => openStore(timeOrderedWindowStore(settings), fixture()),
        supports: { expiry: 'segment', order: 'time-key', findsOldest: true },
      })
    })
    describe('in memory', () => {
      windowSuite({
        test,
        factory: (settings) => openStore(inMemoryWindowStore(settings), fixture()),
        supports: { expiry: 'exact', order: 'time-key' },
      })
    })
  })
}
