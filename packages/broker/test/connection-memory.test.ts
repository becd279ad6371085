import type { Time } from '@millrace/log-engine'
import { beforeEach, expect, test } from 'vitest'
import { ConnectionMemory, type MemoryHolder } from '../src/connection-memory.ts'

/** Time that passes when it is told to. */
class ManualTime implements Time {
  #now = 0
  #timers: { at: number; fire: () => void }[] = []

  now(): number {
    return this.#now
  }

  setTimer(delayMs: number, fire: () => void) {
    const timer = { at: this.#now + delayMs, fire }
    this.#timers.push(timer)
    return { cancel: () => (this.#timers = this.#timers.filter((one) => one !== timer)) }
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((one) => one !== next)
      this.#now = next.at
      next.fire()
    }
    this.#now = until
  }
}

class Holder implements MemoryHolder {
  waitsForClient = true
  isPaused = false
  isClosed = false
  readonly #memory: ConnectionMemory

  constructor(memory: ConnectionMemory) {
    this.#memory = memory
  }

  pauseReading(): void {
    this.isPaused = true
  }

  resumeReading(): void {
    this.isPaused = false
  }

  close(): void {
    this.isClosed = true
    this.#memory.forget(this)
  }
}

let time: ManualTime
let memory: ConnectionMemory
const holder = () => new Holder(memory)

beforeEach(() => {
  time = new ManualTime()
  memory = new ConnectionMemory(100, time)
})

test('below the limit nobody waits', () => {
  const [a, b] = [holder(), holder()]
  memory.holds(a, 50)
  memory.holds(b, 50)
  expect([a.isPaused, b.isPaused, memory.usedBytes, memory.freeBytes]).toEqual([false, false, 100, 0])
})

test('above it one goes on and the others wait until there is room', () => {
  const [a, b, c] = [holder(), holder(), holder()]
  memory.holds(a, 60)
  memory.holds(b, 60)
  memory.holds(a, 80)
  memory.holds(c, 10)
  expect([a.isPaused, b.isPaused, c.isPaused]).toEqual([true, false, true])
  memory.holds(b, 0)
  expect([a.isPaused, c.isPaused, memory.usedBytes]).toEqual([false, false, 90])
})

test('when the one that goes on is gone and there is still no room, another one goes on', () => {
  const [a, b, c] = [holder(), holder(), holder()]
  memory.holds(a, 120)
  memory.holds(b, 120)
  memory.holds(c, 120)
  expect([a.isPaused, b.isPaused, c.isPaused]).toEqual([false, true, true])
  memory.forget(a)
  expect([b.isPaused, c.isPaused]).toEqual([false, true])
})

test('who holds memory without moving is closed, but only above the limit', () => {
  const [a, b] = [holder(), holder()]
  memory.holds(a, 90)
  time.advance(60_000)
  expect(a.isClosed).toBe(false)
  memory.holds(b, 90)
  time.advance(1000)
  expect([a.isClosed, b.isClosed]).toEqual([true, false])
  expect(memory.usedBytes).toBe(90)
  time.advance(60_000)
  expect(b.isClosed).toBe(false)
})

test('who waits for the broker is not closed', () => {
  const [a, b] = [holder(), holder()]
  a.waitsForClient = false
  memory.holds(a, 90)
  memory.holds(b, 90)
  time.advance(60_000)
  expect([a.isClosed, b.isClosed]).toEqual([false, true])
})
