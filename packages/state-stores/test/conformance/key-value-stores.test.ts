import { describe, test } from 'vitest'
import { keyValueSuite, openStore } from '../../src/conformance/index.ts'
import { keyValueStore, lruStore } from '../../src/index.ts'
import { engines } from '../engines.ts'

for (const [name, fixture] of engines) {
  describe(`${name} engine`, () => {
    keyValueSuite({ test, factory: () => openStore(keyValueStore('store'), fixture()) })
    describe('LRU', () => {
      keyValueSuite({ test, factory: () => openStore(lruStore('store', 100), fixture()) })
    })
  })
}
