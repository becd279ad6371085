import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run } from '../run.ts'

const segment = fileURLToPath(new URL('../../../kafka-protocol/test/vectors/zstd.bin', import.meta.url))
const index = fileURLToPath(new URL('../../../kafka-protocol/test/vectors/index.0.index.bin', import.meta.url))

test('dump-log prints batches and records; a file that is not there is one line', async () => {
  const folder = mkdtempSync(`${tmpdir()}/dump-log-`)
  try {
    copyFileSync(segment, `${folder}/00000000000000000000.log`)
    copyFileSync(index, `${folder}/00000000000000000000.index`)
    const all = await run(['dump-log', `${folder}/00000000000000000000.log`])
    expect(all).toMatchObject({ code: 0, complained: '' })
    expect(all.printed.trimEnd().split('\n')).toHaveLength(21)
    const both = await run([
      'dump-log',
      '--batches',
      `${folder}/00000000000000000000.log`,
      `${folder}/00000000000000000000.index`,
    ])
    expect(both.printed).toContain('offset 8 at byte 4576')
    const missing = await run(['dump-log', `${folder}/none.log`])
    expect(missing.code).toBe(1)
    expect(missing.complained).toContain('ENOENT')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
