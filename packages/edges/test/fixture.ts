import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes, topic } from '@millrace/serdes'
import { KafkaStreams, type StreamsBuilder, type StreamsProperties, silentLogger } from '@millrace/streams-core'
import { embeddedClientSupplier } from '@millrace/streams-core/embedded'

export const numbers = topic('numbers', { key: Serdes.string(), value: Serdes.json<number>() })
export const doubled = topic('doubled', { key: Serdes.string(), value: Serdes.json<number>() })

/** `numbers` ─► twice as much ─► whoever reads it. */
export interface Application {
  readonly streams: KafkaStreams
  readonly engine: LogEngine
  close(): Promise<void>
}

/** An application over a log in memory: one of its own, or one that is there. */
export async function application(
  builder: StreamsBuilder,
  settings: StreamsProperties = {},
  log?: LogEngine,
): Promise<Application> {
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
  const engine = log ?? (await newLog())
  const defaults = { 'application.id': 'edges', 'commit.interval.ms': 5, 'poll.ms': 5, 'state.dir': stateDir }
  const streams = new KafkaStreams(
    builder.build(),
    { ...defaults, logger: silentLogger, ...settings },
    embeddedClientSupplier(engine),
  )
  return {
    streams,
    engine,
    async close() {
      await streams.close()
      if (log === undefined) await engine.close()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

async function newLog(): Promise<LogEngine> {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  engine.createTopic({ name: 'numbers', partitions: 1 })
  engine.createTopic({ name: 'doubled', partitions: 1 })
  return engine
}

/** Waits, turn by turn, until something is so. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUp = process.hrtime.bigint() + 15_000_000_000n
  while (!condition()) {
    if (process.hrtime.bigint() > giveUp) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
