import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { lockDirectory } from './directory-lock.ts'
import type { FileSystem, LogFile } from './file-system.ts'

/** The file system of the machine. */
export const nodeFileSystem: FileSystem = {
  bootId: readBootId(),
  makeDirectory,
  list: (path) => readdirSync(path),
  exists: (path) => existsSync(path),
  open: (path) => new NodeLogFile(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)),
  readFile: (path) => readFileSync(path),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  async syncDirectory(path) {
    // Windows has no such call, nor the need for it.
    if (process.platform === 'win32') return
    const directory = await open(path, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  },
  settle(path) {
    const paths = process.platform === 'win32' ? [path] : [path, dirname(path)]
    for (const one of paths) {
      const descriptor = openSync(one, one === path ? 'r+' : 'r')
      try {
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
    }
  },
  lock: lockDirectory,
}

/** Linux says; elsewhere it is not known. */
function readBootId(): bigint {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '')
    return BigInt(`0x${id.slice(0, 16)}`)
  } catch {
    return 0n
  }
}

class NodeLogFile implements LogFile {
  readonly #descriptor: number
  #syncsUnderWay = 0
  #isClosed = false

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  size(): number {
    return fstatSync(this.#descriptor).size
  }

  read(target: Uint8Array, start: number, length: number, position: number): number {
    let done = 0
    while (done < length) {
      const count = readSync(this.#descriptor, target, start + done, length - done, position + done)
      if (count === 0) break
      done += count
    }
    return done
  }

  write(bytes: Uint8Array, position: number): void {
    let done = 0
    while (done < bytes.length) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done)
    }
  }

  truncate(size: number): void {
    ftruncateSync(this.#descriptor, size)
  }

  sync(): Promise<void> {
    this.#syncsUnderWay++
    return new Promise((resolve, reject) => {
      fdatasync(this.#descriptor, (error) => {
        this.#syncsUnderWay--
        this.#closeWhenIdle()
        if (error) reject(error)
        else resolve()
      })
    })
  }

  close(): void {
    this.#isClosed = true
    this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    if (this.#isClosed && this.#syncsUnderWay === 0) closeSync(this.#descriptor)
  }
}

/** With those above it. Node's own way does not return where the system lets nobody make one, such as below /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeDirectory(dirname(path))
  mkdirSync(path)
}
