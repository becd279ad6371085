import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../compare/ratios.ts'

interface Figures {
  readonly rssMb: number
  readonly cpuSeconds: number
}

const STARTS = 5
const IDLE_MS = 10_000

/** Start-up (from starting Node to RUNNING, with new directories) and what an application costs that has nothing to do. */
export async function measureIdle(say: (line: string) => void): Promise<void> {
  const seconds: number[] = []
  for (let i = 0; i < STARTS; i++) {
    const isLast = i === STARTS - 1
    const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
    const started = performance.now()
    const child = fork(new URL('./application.js', import.meta.url), [dir])
    await once(child, 'message')
    seconds.push((performance.now() - started) / 1000)
    if (isLast) await watchIdle(child, say)
    child.disconnect()
    await once(child, 'exit')
    rmSync(dir, { recursive: true })
  }
  const text = `${median(seconds).toFixed(2)} s (${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)})`
  say(`start-up of a standalone application, from starting Node to RUNNING: ${text}, median of ${STARTS}`)
}

async function watchIdle(child: ChildProcess, say: (line: string) => void): Promise<void> {
  const before = await figuresOf(child)
  await sleep(IDLE_MS)
  const after = await figuresOf(child)
  const share = ((after.cpuSeconds - before.cpuSeconds) / (IDLE_MS / 1000)) * 100
  say(
    `idle standalone application: ${Math.round(before.rssMb)} MB when it begins to run, ${Math.round(after.rssMb)} MB ` +
      `${IDLE_MS / 1000} s later; ${share.toFixed(1)} % of a core`,
  )
}

async function figuresOf(child: ChildProcess): Promise<Figures> {
  const answer = once(child, 'message')
  child.send('figures')
  const [figures] = await answer
  return figures
}
