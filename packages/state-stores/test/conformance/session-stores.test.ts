import { describe, test } from 'vitest'
import { openStore, sessionSuite } from '../../src/conformance/index.ts'
import { inMemorySessionStore, segmentedSessionStore, timeOrderedSessionStore } from '../../src/index.ts'
import { engines } from '../engines.ts'

for (const [name, fixture] of engines) {
  describe(`${name} engine`, () => {
    describe('segmented', () => {
      sessionSuite({
        test,
        factory: (settings) => openStore(segmentedSessionStore(settings), fixture()),
        supports: { expiry: 'segment', order: 'segment-key' },
      })
    })
    describe('time-ordered', () => {
      sessionSuite({
        test,
        factory: (settings) => openStore(timeOrderedSessionStore(settings), fixture()),
        supports: { expiry: 'segment', order: 'segment-key' },
      })
    })
    describe('in memory', () => {
      sessionSuite({
        test,
        factory: (settings) => openStore(inMemorySessionStore(settings), fixture()),
        supports: { expiry: 'exact', order: 'time-key' },
      })
    })
  })
}
