import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemTime } from '@millrace/log-engine'
import { expect, test } from 'vitest'
import { startBroker } from '../../src/index.ts'

test('opening a log that takes long tells once a second how far it is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-opening-'))
  const first = await startBroker({ dir })
  first.engine.createTopic({ name: 't', partitions: 8 })
  await first.close()
  // Every look at the clock takes 300 ms.
  let now = systemTime.now()
  const time = {
    ...systemTime,
    now: () => {
      now += 300
      return now
    },
  }
  const log: string[] = []
  const again = await startBroker({ dir, time, onLog: (line) => log.push(line) })
  await again.close()
  rmSync(dir, { recursive: true })
  expect(log.length).toBeGreaterThan(0)
  expect(log.length).toBeLessThan(8)
  for (const line of log) expect(line).toMatch(/^opening the log: \d+ of 11 partitions$/)
})
