import { closeSync, fsyncSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { LogEngine } from '@millrace/log-engine'
import { sampleBatch } from './sample-batch.ts'

const recordsPerBatch = 150
const totalBytes = 256 * 1024 * 1024
const fetchBytes = 1024 * 1024

/** A figure of the log beside that of the same bytes without it. */
interface Ratio {
  readonly what: string
  readonly seconds: number
  readonly rawSeconds: number
  readonly bytes: number
  readonly records: number
}

/**
 * Appends batches of 100-byte records and fetches them with their CRCs checked, over one partition and over 64, beside a
 * plain write and read of the same bytes in pieces of the same size. The best of three rounds of each, taken in turn.
 */
export async function measureAppendFetch(directory: string): Promise<void> {
  const batch = sampleBatch(recordsPerBatch)
  const count = Math.floor(totalBytes / batch.length)
  for (const partitions of [1, 64]) {
    const appends: Ratio[] = []
    const fetches: Ratio[] = []
    for (let round = 0; round < 4; round++) {
      const size = { bytes: count * batch.length, records: count * recordsPerBatch }
      const raw = rawRound(`${directory}/raw`, batch, count, partitions)
      const log = await logRound(`${directory}/log`, batch, count, partitions)
      // The first round warms up.
      if (round === 0) continue
      appends.push({ what: 'append', seconds: log.append, rawSeconds: raw.write, ...size })
      fetches.push({ what: 'fetch', seconds: log.fetch, rawSeconds: raw.read, ...size })
    }
    print(partitions, best(appends))
    print(partitions, best(fetches))
  }
}

function rawRound(directory: string, batch: Uint8Array, count: number, files: number): { write: number; read: number } {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const descriptors = Array.from({ length: files }, (_, file) => openSync(`${directory}/${file}`, 'w+'))
  const write = timed(() => {
    for (let number = 0; number < count; number++) {
      writeSync(descriptors[number % files]!, batch, 0, batch.length, Math.floor(number / files) * batch.length)
    }
  })
  for (const descriptor of descriptors) fsyncSync(descriptor)
  const perFile = Math.floor(count / files) * batch.length
  const read = timed(() => {
    for (const descriptor of descriptors) {
      for (let position = 0; position < perFile; position += fetchBytes) {
        const piece = Buffer.allocUnsafeSlow(Math.min(fetchBytes, perFile - position))
        readSync(descriptor, piece, 0, piece.length, position)
      }
    }
  })
  for (const descriptor of descriptors) closeSync(descriptor)
  rmSync(directory, { recursive: true })
  return { write, read }
}

async function logRound(
  directory: string,
  batch: Uint8Array,
  count: number,
  partitions: number,
): Promise<{ append: number; fetch: number }> {
  rmSync(directory, { recursive: true, force: true })
  const engine = await LogEngine.open({ dir: directory, flush: 'os' })
  engine.createTopic({ name: 't', partitions })
  const targets = Array.from({ length: partitions }, (_, partition) => ({ topic: 't', partition }))
  const append = timed(() => {
    for (let number = 0; number < count; number++) engine.append(targets[number % partitions]!, batch)
  })
  await engine.sync()
  const fetch = timed(() => {
    for (const target of targets) {
      const { offset: end } = engine.listOffset(target, 'latest')
      for (let offset = 0; offset < end; ) {
        const { batches } = engine.fetch(target, offset, { maxBytes: fetchBytes })
        offset += (batches.length / batch.length) * recordsPerBatch
      }
    }
  })
  await engine.close()
  rmSync(directory, { recursive: true })
  return { append, fetch }
}

function timed(action: () => void): number {
  const start = process.hrtime.bigint()
  action()
  return Number(process.hrtime.bigint() - start) / 1e9
}

function best(ratios: readonly Ratio[]): Ratio {
  const seconds = Math.min(...ratios.map((ratio) => ratio.seconds))
  const rawSeconds = Math.min(...ratios.map((ratio) => ratio.rawSeconds))
  return { ...ratios[0]!, seconds, rawSeconds }
}

function print(partitions: number, { what, seconds, rawSeconds, bytes, records }: Ratio): void {
  const rate = (value: number): string => `${(bytes / value / 1e9).toFixed(2)} GB/s`
  process.stdout.write(
    `log ${what}, ${partitions} partition${partitions === 1 ? '' : 's'}: ${(records / seconds / 1e6).toFixed(2)} million records/s, ` +
      `${rate(seconds)}; raw ${rate(rawSeconds)}; ${(rawSeconds / seconds).toFixed(2)}x of raw\n`,
  )
}
