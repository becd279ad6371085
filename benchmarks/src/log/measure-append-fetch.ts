import { closeSync, fsyncSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { LogEngine } from '@millrace/log-engine'
import { sampleBatch } from './sample-batch.ts'

const recordsPerBatch = 150
const totalBytes = 256 * 1024 * 1024
const fetchBytes = 1024 * 1024

/** By the clock, and of the processor alone, which on a busy machine says more. */
interface Duration {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** A figure of the log beside that of the same bytes without it. */
interface Ratio {
  readonly what: string
  readonly log: Duration
  readonly raw: Duration
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
      appends.push({ what: 'append', log: log.append, raw: raw.write, ...size })
      fetches.push({ what: 'fetch', log: log.fetch, raw: raw.read, ...size })
    }
    print(partitions, best(appends))
    print(partitions, best(fetches))
  }
}

function rawRound(
  directory: string,
  batch: Uint8Array,
  count: number,
  files: number,
): { write: Duration; read: Duration } {
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
): Promise<{ append: Duration; fetch: Duration }> {
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

function timed(action: () => void): Duration {
  const start = process.hrtime.bigint()
  const cpuStart = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(cpuStart)
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, cpuSeconds: (user + system) / 1e6 }
}

function best(ratios: readonly Ratio[]): Ratio {
  const least = (durations: readonly Duration[]): Duration => ({
    seconds: Math.min(...durations.map(({ seconds }) => seconds)),
    cpuSeconds: Math.min(...durations.map(({ cpuSeconds }) => cpuSeconds)),
  })
  return { ...ratios[0]!, log: least(ratios.map(({ log }) => log)), raw: least(ratios.map(({ raw }) => raw)) }
}

function print(partitions: number, { what, log, raw, bytes, records }: Ratio): void {
  const rate = ({ seconds }: Duration): string => `${(bytes / seconds / 1e9).toFixed(2)} GB/s`
  process.stdout.write(
    `log ${what}, ${partitions} partition${partitions === 1 ? '' : 's'}: ${(records / log.seconds / 1e6).toFixed(2)} million records/s, ` +
      `${rate(log)}; raw ${rate(raw)}; ${(raw.seconds / log.seconds).toFixed(2)}x of raw, ` +
      `by processor time ${(raw.cpuSeconds / log.cpuSeconds).toFixed(2)}x\n`,
  )
}
