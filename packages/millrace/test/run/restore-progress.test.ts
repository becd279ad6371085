import { expect, test } from 'vitest'
import { restoreProgress } from '../../src/run/restore-progress.ts'

const of = (partition: number) => ({ topic: 'app-counts-changelog', partition })

/** What is written while two partitions are restored, a batch every `stepMs`. */
function shown(isTTY: boolean, stepMs: number, batches: number): string {
  let [now, text] = [1_000_000, '']
  const output = { isTTY, write: (more: string) => (text += more) }
  const listener = restoreProgress(output, { now: () => now })
  const end = batches * 100
  for (const partition of [0, 1]) listener.onRestoreStart?.(of(partition), 'counts', 0, end)
  for (let batch = 1; batch <= batches; batch += 1) {
    now += stepMs
    for (const partition of [0, 1]) listener.onBatchRestored?.(of(partition), 'counts', batch * 100, 100)
  }
  for (const partition of [0, 1]) listener.onRestoreEnd?.(of(partition), 'counts', end)
  return text
}

test('what takes less than a second is not spoken of', () => {
  expect(shown(true, 90, 10)).toBe('')
})

test('plain lines where there is no terminal', () => {
  expect(shown(false, 1000, 8).split('\n')).toEqual([
    'Restoring counts: 6% of 1,600 records, 100/s, 15 s left',
    'Restoring counts: 68% of 1,600 records, 183/s, 2.7 s left',
    'Restored 1,600 records in 8.0 s.',
    '',
  ])
})

test('one line that changes on a terminal', () => {
  const lines = shown(true, 500, 4).split('\r\u001b[K')
  expect(lines.slice(1)).toEqual([
    'Restoring counts: 37% of 800 records, 300/s, 1.7 s left',
    'Restoring counts: 62% of 800 records, 333/s, 0.9 s left',
    'Restoring counts: 87% of 800 records, 350/s, 0.3 s left',
    'Restored 800 records in 2.0 s.\n',
  ])
})

test('a task that goes away ends it too', () => {
  let [now, text] = [0, '']
  const listener = restoreProgress({ write: (more: string) => (text += more) }, { now: () => now })
  listener.onRestoreStart?.(of(0), 'counts', 0, 1000)
  now = 2000
  listener.onBatchRestored?.(of(0), 'counts', 500, 500)
  listener.onRestoreSuspended?.(of(0), 'counts', 500)
  expect(text).toMatch(/Restored 500 records in 2.0 s\.\n$/)
})
