import { Serdes } from '@millrace/serdes'
import {
  changeLoggingKeyValueStore,
  changeLoggingWindowStore,
  keyValueStore,
  type StateEngine,
  type StoreCommit,
  segmentedWindowStore,
  windowKey,
} from '@millrace/state-stores'

/** One measurement: what it does, how often, and the work itself. */
export interface StoreWorkload {
  readonly title: string
  readonly operations: number
  run(engine: StateEngine): Promise<void>
}

const KEYS = 100_000
const RECORDS_PER_COMMIT = 10_000

const strings = Serdes.string()
const counts = Serdes.int64()

function commitOf(offset: number): StoreCommit {
  const position = { offset, topicId: 'AAAAAAAAAAAAAAAAAAAAAA', leaderEpoch: 0, timestamp: 0 }
  return { changelogOffsets: new Map([['store', position]]), inputOffsets: new Map([['input-0', offset]]) }
}

/** Commits, one of which may be written while the next one's records are processed. */
class Commits {
  readonly #engine: StateEngine
  #last: Promise<void> = Promise.resolve()

  constructor(engine: StateEngine) {
    this.#engine = engine
  }

  async next(offset: number): Promise<void> {
    await this.#last
    this.#last = this.#engine.commit(commitOf(offset))
  }
}

/** Counts of 100,000 keys, read and written through serdes, change logging and the bytes store; a commit every 10,000. */
export const countByKey: StoreWorkload = {
  title: 'read-modify-write of 100,000 keys',
  operations: 1_000_000,
  async run(engine) {
    const commits = new Commits(engine)
    let logged = 0
    const store = changeLoggingKeyValueStore(keyValueStore('store'), (key, value) => {
      logged += key.length + (value?.length ?? 0)
    })
    store.init({ engine, onExpiredRecord() {} })
    for (let i = 0; i < this.operations; i++) {
      const key = strings.serialize('topic', `key-${(i * 7919) % KEYS}`)!
      const count = counts.deserialize('topic', store.get(key)) ?? 0
      store.put(key, counts.serialize('topic', count + 1)!)
      if (i % RECORDS_PER_COMMIT === RECORDS_PER_COMMIT - 1) await commits.next(i)
    }
    const expected = this.operations / KEYS
    const last = counts.deserialize('topic', store.get(strings.serialize('topic', 'key-1')!))
    if (last !== expected || logged === 0) throw new Error(`key-1 was counted ${last} times, not ${expected}`)
  },
}

/** Counts of 1,000 keys in windows of one minute, stream time moving one window every 5,000 records. */
export const countByWindow: StoreWorkload = {
  title: 'read-modify-write of windows, 1,000 keys',
  operations: 500_000,
  async run(engine) {
    const bytes = segmentedWindowStore({ name: 'store', retentionMs: 300_000, windowSizeMs: 60_000 })
    const store = changeLoggingWindowStore(bytes, () => {})
    const commits = new Commits(engine)
    store.init({ engine, onExpiredRecord() {} })
    for (let i = 0; i < this.operations; i++) {
      const key = strings.serialize('topic', `key-${(i * 7919) % 1000}`)!
      const start = Math.floor(i / 5000) * 60_000
      const count = counts.deserialize('topic', store.fetchOne(key, start)) ?? 0
      store.put(key, counts.serialize('topic', count + 1)!, start)
      if (i % RECORDS_PER_COMMIT === RECORDS_PER_COMMIT - 1) await commits.next(i)
    }
  },
}

/** Fetches the last windows of a key, as sliding windows and stream-stream joins do, and puts one. */
export const fetchWindows: StoreWorkload = {
  title: 'fetch of 5 windows and a put',
  operations: 200_000,
  async run(engine) {
    const store = segmentedWindowStore({ name: 'store', retentionMs: 600_000, windowSizeMs: 1000 })
    store.init({ engine, onExpiredRecord() {} })
    const commits = new Commits(engine)
    let found = 0
    for (let i = 0; i < this.operations; i++) {
      const key = strings.serialize('topic', `key-${i % 100}`)!
      const time = Math.floor(i / 100) * 1000
      for (const [, value] of store.fetch(key, time - 5000, time)) found += value.length
      store.put(key, counts.serialize('topic', i)!, time)
      if (i % RECORDS_PER_COMMIT === RECORDS_PER_COMMIT - 1) await commits.next(i)
    }
    if (found === 0) throw new Error('no window was found')
  },
}

/** A million changelog records into an empty store, a commit every 50,000. */
export const restore: StoreWorkload = {
  title: 'restore of 1,000,000 keys',
  operations: 1_000_000,
  async run(engine) {
    const store = keyValueStore('store')
    store.init({ engine, onExpiredRecord() {} })
    const commits = new Commits(engine)
    const value = new Uint8Array(24)
    for (let i = 0; i < this.operations; i++) {
      store.restore(windowKey(strings.serialize('topic', `key-${i}`)!, 0, 0), value, 0)
      if (i % 50_000 === 49_999) await commits.next(i)
    }
  },
}
