import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LogEngine } from '@millrace/log-engine'
import { levelEngine, restoreLevelSnapshot } from '@millrace/state-stores'
import { readPartition, readTopic } from '../integration/reading.ts'
import {
  applicationId,
  committedOffset,
  mostInstances,
  number,
  partitions,
  type Sum,
  stateFolder,
  sum,
  word,
} from './application.ts'

/** One input record. */
export interface Input {
  readonly word: string
  readonly value: number
}

const stores = ['counts', 'sums', 'greatest'] as const
type StoreName = (typeof stores)[number]
type State = Record<StoreName, Map<string, unknown>>

/**
 * What is wrong after a kill; empty when all agrees with the model:
 *
 * - the changelogs and the committed output are what the input gives up to the committed offset, each change once;
 * - each local database, and each snapshot, holds what the changelog has up to the offset that is in it.
 */
export async function faultsOf(dir: string, log: LogEngine, inputs: readonly (readonly Input[])[]): Promise<string[]> {
  const faults: string[] = []
  for (let partition = 0; partition < partitions; partition += 1) {
    const committed = committedOffset(log, partition)
    const { state, counts } = modelOf(inputs[partition]!.slice(0, committed))
    for (const store of stores) {
      if (log.describeTopic(changelogOf(store)) === undefined) continue
      const found = changelogUpTo(log, store, partition, Infinity)
      compare(faults, `changelog of ${store}, partition ${partition}, at ${committed}`, found, state[store])
    }
    compare(faults, `counts-out of inputs ${partition}`, countsOf(log, inputs[partition]!), counts)
    compare(faults, `sums-out of inputs ${partition}`, sumsOf(log, inputs[partition]!, faults), state.sums)
    await compareLocal(faults, dir, log, partition)
  }
  return faults
}

/** The stores, and by word the rows of counts-out, that records give. */
function modelOf(records: readonly Input[]): {
  readonly state: State
  readonly counts: Map<string, readonly number[]>
} {
  const state: State = { counts: new Map(), sums: new Map(), greatest: new Map() }
  const counts = new Map<string, number[]>()
  for (const { word: key, value } of records) {
    const before = (state.sums.get(key) ?? { count: 0, sum: 0 }) as Sum
    const count = before.count + 1
    state.sums.set(key, { count, sum: before.sum + value })
    state.counts.set(key, count)
    state.greatest.set(key, Math.max(Number(state.greatest.get(key) ?? 0), value))
    counts.set(key, [...(counts.get(key) ?? []), count])
  }
  return { state, counts }
}

/** The committed rows of counts-out, by word, of the words that these records have. */
function countsOf(log: LogEngine, records: readonly Input[]): Map<string, readonly number[]> {
  const rows = new Map<string, number[]>()
  for (const [key, value] of readRows(log, 'counts-out', records))
    rows.set(key, [...(rows.get(key) ?? []), number.deserialize('', value)!])
  return rows
}

/** The last committed row of each word; a word's counts must rise. */
function sumsOf(log: LogEngine, records: readonly Input[], faults: string[]): Map<string, unknown> {
  const last = new Map<string, Sum>()
  for (const [key, value] of readRows(log, 'sums-out', records)) {
    const row = sum.deserialize('', value)!
    if (row.count <= (last.get(key)?.count ?? 0)) faults.push(`sums-out: ${key} goes back to ${row.count}`)
    last.set(key, row)
  }
  return last
}

/** Words are of one input partition each; output topics are partitioned anew. */
function readRows(log: LogEngine, topic: string, records: readonly Input[]): [string, Uint8Array][] {
  const words = new Set(records.map((record) => record.word))
  return readTopic(log, topic)
    .map(({ key, value }): [string, Uint8Array] => [word.deserialize('', key)!, value!])
    .filter(([key]) => words.has(key))
}

function changelogUpTo(log: LogEngine, store: StoreName, partition: number, end: number): Map<string, unknown> {
  const state = new Map<string, unknown>()
  for (const { key, value, offset } of readPartition(log, changelogOf(store), partition)) {
    if (offset >= end) break
    state.set(word.deserialize('', key)!, valueIn(value!))
  }
  return state
}

/** Looks into the local database and the snapshots, through copies, so that they stay as the kill left them. */
async function compareLocal(faults: string[], dir: string, log: LogEngine, partition: number): Promise<void> {
  const task = `0_${partition}`
  const locals = Array.from({ length: mostInstances }, (_, instance) =>
    join(dir, stateFolder(instance), applicationId, task),
  )
  const snapshots = join(dir, 'snapshots', applicationId, task)
  const numbers = existsSync(snapshots) ? readdirSync(snapshots).filter((name) => /^\d+$/.test(name)) : []
  for (const path of [...locals, ...numbers.map((name) => join(snapshots, name, 'persistent'))]) {
    if (!existsSync(join(path, 'CURRENT'))) continue
    const copy = join(dir, 'looked-at')
    rmSync(copy, { recursive: true, force: true })
    await restoreLevelSnapshot(path, copy)
    const engine = await levelEngine(copy)
    for (const store of ['counts', 'sums'] as const) {
      const position = engine.lastCommit()?.changelogOffsets.get(store)
      const found = new Map<string, unknown>()
      for await (const [key, value] of engine.entries(store, null, null))
        found.set(word.deserialize('', key)!, valueIn(value.subarray(8)))
      const expected = changelogUpTo(log, store, partition, position?.offset ?? 0)
      compare(faults, `${store} in ${path} at ${position?.offset}`, found, expected)
    }
    await engine.close()
  }
}

function compare(
  faults: string[],
  what: string,
  found: ReadonlyMap<string, unknown>,
  expected: ReadonlyMap<string, unknown>,
): void {
  const text = (rows: ReadonlyMap<string, unknown>) => JSON.stringify([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
  if (text(found) !== text(expected)) faults.push(`${what}: ${text(found)} instead of ${text(expected)}`)
}

function changelogOf(store: StoreName): string {
  return `${applicationId}-${store}-changelog`
}

/** All values of this application are JSON. */
function valueIn(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8'))
}
