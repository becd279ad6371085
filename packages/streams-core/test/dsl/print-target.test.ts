import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPrintTarget } from '../../src/dsl/print-target.ts'

test('prints lines to a file, which is written anew for each task', () => {
  const folder = mkdtempSync(join(tmpdir(), 'print-'))
  try {
    const file = join(folder, 'lines.txt')
    const open = openPrintTarget(file)
    for (const line of ['first', 'second']) {
      const target = open()
      target.writeLine(`[words]: ${line}`)
      target.close?.()
    }
    expect(readFileSync(file, 'utf8')).toBe('[words]: second\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
