import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type BinaryKey, toBinaryKey } from '../binary-key.ts'
import { StoreDirectoryError } from '../store-error.ts'
import { linkLevelFiles } from './link-files.ts'

// What the two threads tell each other through the first of two shared numbers; the second is a count of bytes.
const EMPTY = 0
const FULL = 1
const DONE = 2
const FAILED = 3
const CHUNK_BYTES = 1 << 20

/** Behind a directory's name, and before random characters: the copy which is being read. */
export const KEYS_COPY_SUFFIX = '.keys-'

/**
 * The worker: reads the keys of a range in LevelDB and fills the shared chunk with | size uint16 BE | key |, over and over.
 * Keys beyond 65,535 bytes do not fit; they make it fail.
 */
const WORKER_CODE = `
const { workerData } = require('node:worker_threads')
const { ClassicLevel } = require(workerData.classicLevel)
const state = new Int32Array(workerData.state)
const chunk = Buffer.from(workerData.chunk)
const hand = (what, length) => {
  state[1] = length
  Atomics.store(state, 0, what)
  Atomics.notify(state, 0)
  if (what === ${FULL}) Atomics.wait(state, 0, ${FULL})
}
const main = async () => {
  const database = new ClassicLevel(workerData.directory, { keyEncoding: 'view' })
  await database.open()
  const keys = database.keys({ gte: workerData.gte, lt: workerData.lt, highWaterMarkBytes: 1 << 20, fillCache: false })
  let length = 0
  for (let some = await keys.nextv(20000); some.length > 0; some = await keys.nextv(20000)) {
    for (const key of some) {
      if (key.length > 0xffff) throw new Error('a key of ' + key.length + ' bytes')
      if (length + 2 + key.length > chunk.length) {
        hand(${FULL}, length)
        length = 0
      }
      chunk.writeUInt16BE(key.length, length)
      chunk.set(key, length + 2)
      length += 2 + key.length
    }
  }
  hand(${FULL}, length)
  await keys.close()
  await database.close()
  hand(${DONE}, 0)
}
main().catch((error) => hand(${FAILED}, chunk.write(String(error && error.message))))
`

/**
 * All keys of a range in an open LevelDB, as of its last resolved write, while the calling thread waits.
 *
 * LevelDB's iterators are asynchronous, and a processor that ranges over a store for the first time cannot wait for them. So a
 * copy of the directory, of hard links, is read by a worker thread.
 */
export function loadKeys(
  directory: string,
  bounds: { readonly gte: Uint8Array; readonly lt: Uint8Array },
): BinaryKey[] {
  const parent = mkdtempSync(`${directory}${KEYS_COPY_SUFFIX}`)
  const copy = join(parent, 'copy')
  const keys: BinaryKey[] = []
  try {
    linkLevelFiles(directory, copy)
    const state = new Int32Array(new SharedArrayBuffer(8))
    const chunk = new Uint8Array(new SharedArrayBuffer(CHUNK_BYTES))
    const worker = new Worker(WORKER_CODE, {
      eval: true,
      workerData: {
        ...bounds,
        directory: copy,
        classicLevel: createRequire(import.meta.url).resolve('classic-level'),
        state: state.buffer,
        chunk: chunk.buffer,
      },
    })
    worker.unref()
    for (;;) {
      Atomics.wait(state, 0, EMPTY)
      const what = Atomics.load(state, 0)
      const bytes = Buffer.from(chunk.subarray(0, state[1]!))
      if (what === DONE) return keys
      if (what === FAILED) {
        throw new StoreDirectoryError(
          directory,
          `its keys could not be read (${bytes.toString()})`,
          'Delete the directory',
        )
      }
      for (let at = 0; at < bytes.length; ) {
        const size = bytes.readUInt16BE(at)
        keys.push(toBinaryKey(bytes.subarray(at + 2, at + 2 + size)))
        at += 2 + size
      }
      Atomics.store(state, 0, EMPTY)
      Atomics.notify(state, 0)
    }
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}
