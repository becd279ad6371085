import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineFixture } from '../src/conformance/index.ts'
import { type LevelEngine, levelEngine, memoryEngine } from '../src/index.ts'

export function memoryFixture(): EngineFixture {
  const engine = memoryEngine()
  return { open: async () => engine, remove: () => engine.close() }
}

export function levelFixture(): EngineFixture {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-stores-'))
  let engine: LevelEngine | undefined
  return {
    async open() {
      engine = await levelEngine(join(directory, 'task'), { readCacheBytes: 4000 })
      return engine
    },
    async remove() {
      await engine?.close()
      await rm(directory, { recursive: true })
    },
  }
}

export const engines = [
  ['memory', memoryFixture],
  ['level', levelFixture],
] as const
