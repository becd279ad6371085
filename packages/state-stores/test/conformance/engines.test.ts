import { describe, test } from 'vitest'
import { engineSuite } from '../../src/conformance/index.ts'
import { engines } from '../engines.ts'

for (const [name, factory] of engines) {
  describe(name, () => {
    engineSuite({ test, factory })
  })
}
