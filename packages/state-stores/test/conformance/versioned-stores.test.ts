import { describe, test } from 'vitest'
import { openStore, versionedSuite } from '../../src/conformance/index.ts'
import { versionedStore } from '../../src/index.ts'
import { engines } from '../engines.ts'

for (const [name, fixture] of engines) {
  describe(`${name} engine`, () => {
    versionedSuite({ test, factory: (settings) => openStore(versionedStore(settings), fixture()) })
  })
}
