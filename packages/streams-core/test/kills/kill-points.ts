import { writeFileSync } from 'node:fs'
import { levelEngine, type StateEngine } from '@millrace/state-stores'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import type { Producer } from '../../src/clients/producer.ts'
import type { StateRestoreListener } from '../../src/runtime/changelog-reader.ts'
import type { StateEngineFactory } from '../../src/runtime/task-manager.ts'

/**
 * Where the application kills itself.
 *
 * | phase | the moment |
 * |---|---|
 * | open-transaction | everything of a transaction is in the log, and nothing says that it is committed |
 * | after-commit | the transaction is committed, and no store batch is begun |
 * | store-batch | a store batch was begun and is not known to be written |
 * | restore | some changelog records are applied, and the store is not complete |
 * | snapshot | the copy of a store is being made, or is complete and not yet published |
 * | rebalance | partitions are given back and taken anew |
 */
export type Phase = 'open-transaction' | 'after-commit' | 'store-batch' | 'restore' | 'snapshot' | 'rebalance'

/** Kills the process at the `count`th event of a phase, `turns` turns of the event loop later where the phase goes on for some. */
export class KillPoint {
  readonly #phase: Phase | 'none'
  #turns: number
  readonly #note: string
  #left: number

  /** `note`: the file in which the phase is written down just before. */
  constructor(phase: Phase | 'none', count: number, turns: number, note: string) {
    this.#phase = phase
    this.#left = count
    this.#turns = turns
    this.#note = note
  }

  /** Does not return if this is the moment. */
  reach(phase: Phase): void {
    if (this.#isTime(phase)) this.#kill()
  }

  /**
   * As {@link reach}, but the kill comes after some turns of the event loop; if what was begun has ended before, one turn earlier the
   * next time.
   */
  reachDuring(phase: Phase, work: Promise<unknown>): void {
    if (!this.#isTime(phase)) return
    let isOver = false
    work.finally(() => (isOver = true)).catch(() => {})
    let turns = this.#turns
    const step = (): void => {
      if (isOver) {
        this.#left = 1
        this.#turns = Math.max(0, this.#turns - 1)
      } else if (turns-- > 0) setImmediate(step)
      else this.#kill()
    }
    queueMicrotask(step)
  }

  wants(phase: Phase): boolean {
    return this.#phase === phase
  }

  #isTime(phase: Phase): boolean {
    if (phase !== this.#phase) return false
    this.#left -= 1
    return this.#left === 0
  }

  #kill(): void {
    writeFileSync(this.#note, this.#phase)
    process.kill(process.pid, 'SIGKILL')
  }
}

/** Clients whose producer dies at a commit. */
export function dyingClients(clients: KafkaClientSupplier, point: KillPoint): KafkaClientSupplier {
  return { ...clients, producer: (options) => dyingProducer(clients.producer(options), point) }
}

function dyingProducer(producer: Producer, point: KillPoint): Producer {
  const commitTransaction = async () => {
    if (point.wants('open-transaction')) await producer.flush()
    point.reach('open-transaction')
    await producer.commitTransaction()
    point.reach('after-commit')
  }
  return new Proxy(producer, {
    get(target, name) {
      if (name === 'commitTransaction') return commitTransaction
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** LevelDB engines that die in a batch or in a snapshot. */
export function dyingEngines(point: KillPoint): StateEngineFactory {
  return async (directory, identity): Promise<StateEngine> => {
    const engine = await levelEngine(directory, { identity })
    const commit = engine.commit.bind(engine)
    const snapshot = engine.snapshot.bind(engine)
    engine.commit = (what) => {
      const written = commit(what)
      point.reachDuring('store-batch', written)
      return written
    }
    engine.snapshot = (target) => {
      const copied = snapshot(target)
      // Publishing goes on for some turns after the copy: the kill may come in both.
      point.reachDuring('snapshot', new Promise(() => {}))
      return copied
    }
    return engine
  }
}

/** A listener that dies between batches of changelog records. */
export function dyingListener(point: KillPoint): StateRestoreListener {
  return { onBatchRestored: () => point.reach('restore') }
}
