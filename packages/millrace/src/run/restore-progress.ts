import type { StateRestoreListener, Time } from '@millrace/streams-core'

/** Where progress is shown: a terminal, or a file or pipe, which gets whole lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** ms of restoring before anything is shown. */
const patienceMs = 1000
/** ms between two lines on a terminal, which replace one another, and elsewhere. */
const [terminalPauseMs, linePauseMs] = [200, 5000]

interface Restoring {
  readonly storeName: string
  readonly startOffset: number
  readonly endOffset: number
  offset: number
}

/**
 * Shows how far restoring is when it takes longer than a second: which stores, how much of them, how fast, how long it will take. On a
 * terminal in one line that changes; elsewhere a line now and then.
 */
export function restoreProgress(output: ProgressOutput, time: Pick<Time, 'now'>): StateRestoreListener {
  const restoring = new Map<string, Restoring>()
  let [beginMs, shownMs, restored] = [0, 0, 0]
  let isShown = false
  const show = (text: string, isLast: boolean): void => {
    if (output.isTTY === true) output.write(`\r\u001b[K${text}${isLast ? '\n' : ''}`)
    else output.write(`${text}\n`)
    isShown = true
    shownMs = time.now()
  }
  const end = (): void => {
    if (restoring.size > 0) return
    if (isShown) show(`Restored ${whole(restored)} records in ${seconds(time.now() - beginMs)}.`, true)
    isShown = false
  }
  return {
    onRestoreStart({ topic, partition }, storeName, startOffset, endOffset) {
      if (restoring.size === 0) {
        beginMs = time.now()
        shownMs = beginMs
        restored = 0
      }
      restoring.set(`${topic}-${partition}`, { storeName, startOffset, endOffset, offset: startOffset })
    },
    onBatchRestored({ topic, partition }, _storeName, batchEndOffset, count) {
      const one = restoring.get(`${topic}-${partition}`)
      if (one === undefined) return
      one.offset = batchEndOffset
      restored += count
      const now = time.now()
      const pauseMs = output.isTTY === true ? terminalPauseMs : linePauseMs
      const isDue = isShown ? now - shownMs >= pauseMs : now - beginMs >= patienceMs
      if (isDue) show(progressLine([...restoring.values()], now - beginMs), false)
    },
    onRestoreEnd({ topic, partition }) {
      const one = restoring.get(`${topic}-${partition}`)
      if (one !== undefined) one.offset = one.endOffset
      if ([...restoring.values()].every(({ offset, endOffset }) => offset >= endOffset)) restoring.clear()
      end()
    },
    onRestoreSuspended({ topic, partition }) {
      restoring.delete(`${topic}-${partition}`)
      end()
    },
  }
}

function progressLine(all: readonly Restoring[], elapsedMs: number): string {
  const sum = (of: (one: Restoring) => number): number => all.reduce((total, one) => total + of(one), 0)
  const done = sum(({ offset, startOffset }) => offset - startOffset)
  const total = sum(({ endOffset, startOffset }) => endOffset - startOffset)
  const perMs = done / Math.max(1, elapsedMs)
  const left = perMs === 0 ? '' : `, ${seconds((total - done) / perMs)} left`
  const names = [...new Set(all.map(({ storeName }) => storeName))]
  const stores = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  const percent = Math.floor((100 * done) / Math.max(1, total))
  return `Restoring ${stores}: ${percent}% of ${whole(total)} records, ${whole(perMs * 1000)}/s${left}`
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}
