import { createHook } from 'node:async_hooks'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import { dumpFile } from '../../src/dump.ts'
import { EngineError } from '../../src/engine-error.ts'
import type { FlushPolicy } from '../../src/engine-requests.ts'
import { LogEngine } from '../../src/log-engine.ts'
import { nodeFileSystem } from '../../src/node-file-system.ts'
import { batchOf, producerBatch, readAll, t0, transactionalBatch } from '../batches.ts'
import format1 from '../format-1.json' with { type: 'json' }
import { ManualTime } from '../manual-time.ts'
import { FaultyDisk } from './faulty-disk.ts'
import { Random } from './random.ts'

// What random runs meet too seldom, done on purpose. Each throws when the engine does not keep its word.

class Machine {
  readonly disk: FaultyDisk
  readonly warnings: string[] = []
  time = new ManualTime()

  constructor(seed: number) {
    this.disk = new FaultyDisk(new Random(seed))
  }

  /** `calls` changes of the disk later the process dies. */
  open(flush: FlushPolicy = 'commit', calls = Number.POSITIVE_INFINITY): Promise<LogEngine> {
    this.time = new ManualTime(this.time.now())
    const fileSystem = this.disk.start()
    this.disk.crashAfter(calls)
    return LogEngine.open({
      dir: '/disk/data',
      fileSystem,
      time: this.time,
      flush,
      onWarning: (message) => void this.warnings.push(message),
    })
  }

  /** Opens after a loss of power; what was under way runs into the dead disk first. */
  async losePower(): Promise<LogEngine> {
    this.disk.losePower()
    await turn()
    return this.open()
  }

  put(path: string, bytes: Uint8Array): void {
    const fileSystem = this.disk.start()
    fileSystem.makeDirectory(path.slice(0, path.lastIndexOf('/')))
    const file = fileSystem.open(path)
    file.truncate(0)
    file.write(bytes, 0)
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function expectEqual(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [found, expected].map((value) => JSON.stringify(value))
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`)
}

function expectRefusal(what: string, code: EngineError['code'], action: () => unknown): void {
  try {
    action()
  } catch (error) {
    if (error instanceof EngineError && error.code === code) return
    throw error
  }
  throw new Error(`${what}: ${code} was expected, but it went well`)
}

function keyed(key: string, value: string): Uint8Array {
  const builder = new RecordBatchBuilder()
  builder.append(1_700_000_000_000, Buffer.from(key), Buffer.from(value))
  return Uint8Array.from(builder.build())
}

export const scenarios: Readonly<Record<string, (seed: number) => Promise<void>>> = {
  async 'an upgrade is durable before it counts'(seed) {
    for (let calls = seed; calls < 72; calls += 8) {
      const machine = new Machine(seed)
      for (const [path, content] of Object.entries(format1)) {
        const bytes = Buffer.from(content, 'base64')
        // Either slot may be the newer one.
        const isSwapped = path.endsWith('partition.checkpoint') && calls % 16 >= 8
        machine.put(
          `/disk/data/${path}`,
          isSwapped ? Buffer.concat([bytes.subarray(128), bytes.subarray(0, 128)]) : bytes,
        )
      }
      await syncAll(machine)
      // The process dies within the upgrade, or soon after it.
      await machine.open('commit', calls).catch(() => {})
      for (let powerLosses = 0; powerLosses < 2; powerLosses++) {
        const engine = await machine.losePower()
        expectEqual(`log start, ${calls}`, engine.listOffset(t0, 'earliest').offset, 5)
        expectEqual(`transaction, ${calls}`, engine.describeTransaction('late')?.status, 'complete-commit')
      }
    }
  },

  async 'an upgrade believes only whole checkpoints'(seed) {
    const machine = new Machine(seed)
    for (const [path, content] of Object.entries(format1)) {
      const bytes = Buffer.from(content, 'base64')
      // The newer slot names a log start far away.
      if (path === 't-0/partition.checkpoint') {
        const newer = bytes.readBigInt64BE(6) > bytes.readBigInt64BE(134) ? 0 : 128
        bytes.writeBigInt64BE(1000n, newer + 15)
      }
      machine.put(`/disk/data/${path}`, bytes)
    }
    const engine = await machine.open()
    expectEqual('log start', engine.listOffset(t0, 'earliest').offset, 5)
  },

  async 'the identity of a new directory is durable'(seed) {
    const machine = new Machine(seed)
    const { clusterId } = await machine.open()
    expectEqual('cluster id', (await machine.losePower()).clusterId, clusterId)
  },

  async 'no producer id is given out twice'(seed) {
    const machine = new Machine(seed)
    let engine = await machine.open()
    const given = new Set<bigint>()
    for (let powerLosses = 0; powerLosses < 4; powerLosses++) {
      const { producerId } = await engine.initProducerId()
      if (given.has(producerId)) throw new Error(`producer id ${producerId} was given out twice`)
      given.add(producerId)
      engine = await machine.losePower()
    }
  },

  async 'a topic that is made again holds nothing of the one before'(seed) {
    for (let number = seed; number < 80; number += 8) {
      const machine = new Machine(number)
      const engine = await machine.open()
      engine.createTopic({ name: 't', partitions: 1 })
      engine.append(t0, batchOf(['old']))
      await engine.sync()
      engine.deleteTopic('t')
      engine.createTopic({ name: 't', partitions: 1 })
      const made = engine.describeTopic('t')!.topicId
      const isSynced = number % 2 === 0
      if (isSynced) await engine.sync([{ topic: '__transaction_state', partition: 0 }])
      // This makes it durable that there is the topic, but not its folder.
      else await engine.initProducerId()
      const again = await machine.losePower()
      const topicId = again.describeTopic('t')?.topicId
      if (topicId === made) expectEqual('records', readAll(again, t0), [])
      else if (isSynced) throw new Error(`the topic is ${topicId} instead of ${made}`)
    }
  },

  async 'of what was not synced a beginning survives, whatever the disk has kept of the rest'(seed) {
    for (let number = seed; number < 320; number += 8) {
      const machine = new Machine(number)
      const engine = await machine.open('os')
      engine.createTopic({ name: 't', partitions: 1, configs: { 'internal.segment.bytes': '500' } })
      await engine.sync()
      const sent = Array.from({ length: 12 }, (_, i) => `${i}:first${i}`)
      for (const record of sent) engine.append(t0, batchOf([record.split(':')[1]!]))
      for (let round = 0; round < 3; round++) {
        const again = await machine.losePower()
        const found = readAll(again, t0)
        expectEqual(`records in round ${round} of ${number}`, found, sent.slice(0, found.length))
        // As long as what may lie there from before.
        sent.splice(found.length, sent.length, `${found.length}:again${round}`)
        again.append(t0, batchOf([`again${round}`]))
      }
    }
  },

  async 'what a full disk has refused does not come back'(seed) {
    for (let number = seed; number < 160; number += 8) {
      const machine = new Machine(number)
      const engine = await machine.open('os')
      engine.createTopic({ name: 't', partitions: 1 })
      engine.append(t0, batchOf(['a']))
      await engine.sync()
      machine.disk.space = 200
      const refused = Buffer.concat(['1', '2', '3'].map((value) => batchOf([value])))
      expectRefusal('more than there is space for', 'LOG_DISK_FULL', () => engine.append(t0, refused))
      machine.disk.space = Number.POSITIVE_INFINITY
      engine.append(t0, batchOf(['b']))
      const found = readAll(await machine.losePower(), t0)
      expectEqual(`records of ${number}`, found, ['0:a', '1:b'].slice(0, found.length))
    }
  },

  async 'a deletion that was synced stays, whatever is noted after it'(seed) {
    for (let number = seed; number < 80; number += 8) {
      const machine = new Machine(number)
      const engine = await machine.open('os')
      engine.createTopic({ name: 't', partitions: 1 })
      for (let i = 0; i < 9; i++) engine.append(t0, batchOf([`${i}`]))
      engine.deleteRecords(t0, 5)
      await engine.sync()
      for (let i = 0; i < 2; i++) engine.deleteRecords(t0, 6 + i)
      const { offset } = (await machine.losePower()).listOffset(t0, 'earliest')
      if (offset < 5) throw new Error(`records from ${offset} on are back`)
    }
  },

  async 'compaction keeps the last value of each key, wherever the power is lost'(seed) {
    for (let calls = seed; calls < 80; calls += 4) {
      const machine = new Machine(calls * 8 + seed)
      const engine = await machine.open('os')
      const configs = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '400' }
      engine.createTopic({ name: 't', partitions: 1, configs })
      for (let i = 0; i < 30; i++) engine.append(t0, keyed(`k${i % 3}`, `${i}`))
      await engine.sync()
      machine.disk.crashAfter(calls)
      await engine.maintain().catch(() => {})
      const values = readAll(await machine.losePower(), t0).map((record) => record.split(':')[1]!)
      for (const last of ['27', '28', '29'])
        if (!values.includes(last)) throw new Error(`${last} is gone after ${calls} changes: ${values}`)
    }
  },

  async 'under flush interval what is older than the interval is durable'(seed) {
    const machine = new Machine(seed)
    const engine = await machine.open('interval')
    engine.createTopic({ name: 't', partitions: 1 })
    for (const value of ['a', 'b']) {
      engine.append(t0, batchOf([value]))
      machine.time.advance(1000)
      for (let turns = 0; turns < 10; turns++) await turn()
    }
    engine.append(t0, batchOf(['c']))
    expectEqual('records', readAll(await machine.losePower(), t0).slice(0, 2), ['0:a', '1:b'])
  },

  async 'a segment that is full becomes durable by itself'(seed) {
    const machine = new Machine(seed)
    const engine = await machine.open('os')
    engine.createTopic({ name: 't', partitions: 1, configs: { 'internal.segment.bytes': '150' } })
    await engine.sync()
    for (let i = 0; i < 5; i++) engine.append(t0, batchOf([`${i}`]))
    for (let turns = 0; turns < 10; turns++) await turn()
    expectEqual('records', readAll(await machine.losePower(), t0).slice(0, 4), ['0:0', '1:1', '2:2', '3:3'])
  },

  async 'an index that leads to bytes which only look like a batch is not believed'(seed) {
    const machine = new Machine(seed)
    const engine = await machine.open()
    engine.createTopic({ name: 't', partitions: 1, configs: { 'index.interval.bytes': '1' } })
    const inner = Buffer.from(batchOf(['inner']))
    inner[17]! ^= 0xff
    for (let i = 0; i < 3; i++) engine.append(t0, batchOf([`${i}`, inner.toString('latin1'), `${i}`.repeat(200)]))
    const builder = new RecordBatchBuilder()
    builder.append(1_700_000_000_000, null, inner)
    engine.append(t0, builder.build())
    engine.append(t0, batchOf(['last']))
    const before = readAll(engine, t0)
    await engine.close()
    const log = Buffer.from(machine.disk.content('/disk/data/t-0/00000000000000000000.log')!.bytes)
    const index = Buffer.alloc(8)
    index.writeInt32BE(9, 0)
    index.writeInt32BE(log.indexOf(inner), 4)
    machine.put('/disk/data/t-0/00000000000000000000.index', index)
    machine.put('/disk/data/t-0/00000000000000000000.timeindex', Buffer.alloc(0))
    expectEqual('records', readAll(await machine.open(), t0), before)
    expectEqual('warnings', machine.warnings, [])
  },

  async 'no reader is sent on to a batch that is damaged too'(seed) {
    const machine = new Machine(seed)
    const engine = await machine.open()
    engine.createTopic({ name: 't', partitions: 1 })
    for (let i = 0; i < 4; i++) engine.append(t0, batchOf([`${i}`]))
    await engine.close()
    const content = machine.disk.content('/disk/data/t-0/00000000000000000000.log')!
    for (const number of [1, 2]) content.flip((content.size / 4) * number + 65, 4)
    const again = await machine.open()
    try {
      again.fetch(t0, 1)
    } catch (error) {
      expectEqual('advice', /seek to offset \d+/.exec((error as Error).message), null)
      return
    }
    throw new Error('a damaged batch was read')
  },

  async 'no damaged batch is compacted'(seed) {
    const machine = new Machine(seed)
    const engine = await machine.open()
    const configs = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '300' }
    engine.createTopic({ name: 't', partitions: 1, configs })
    for (let i = 0; i < 12; i++) engine.append(t0, keyed('k', `${i}`))
    const content = machine.disk.content('/disk/data/t-0/00000000000000000000.log')!
    content.flip(66, 1)
    const { size } = content
    await engine.maintain()
    expectEqual('warnings', machine.warnings.length, 1)
    expectEqual('size', machine.disk.content('/disk/data/t-0/00000000000000000000.log')?.size, size)
  },

  async 'transactions of a damaged partition are known up to the damage'(seed) {
    const machine = new Machine(seed)
    const engine = await machine.open()
    engine.createTopic({ name: 't', partitions: 1 })
    const [a, b] = [
      await engine.initProducerId({ transactionalId: 'a' }),
      await engine.initProducerId({ transactionalId: 'b' }),
    ]
    engine.append(t0, transactionalBatch(a, 0, 'a'), { transactionalId: 'a' })
    engine.append(t0, transactionalBatch(b, 0, 'b'), { transactionalId: 'b' })
    await engine.endTxn({ transactionalId: 'b', ...b }, 'commit')
    const path = '/disk/data/t-0/00000000000000000000.log'
    const marker = machine.disk.content(path)!.bytes.length - 78
    engine.append(t0, batchOf(['last']))
    await engine.sync()
    machine.disk.endProcess()
    // The commit marker of one producer becomes that of the other; of what follows, which was durable, a byte is gone.
    machine.disk.content(path)!.flip(marker + 43 + 7, Number(a.producerId) ^ Number(b.producerId))
    for (const name of machine.disk.paths()) if (/t-0\/.*snapshot$/.test(name)) machine.disk.content(name)!.flip(3, 1)
    const disk = machine.disk.start()
    disk.open(path).truncate(machine.disk.content(path)!.size - 1)
    const again = await machine.open()
    expectEqual('committed', readCommittedUntilDamage(again), [])
  },

  async 'epochs and sequences of producers are checked'(seed) {
    const engine = await new Machine(seed).open()
    engine.createTopic({ name: 't', partitions: 1 })
    const { producerId } = await engine.initProducerId()
    const send = (producerEpoch: number, sequence: number) => () =>
      engine.append(t0, producerBatch({ producerId, producerEpoch }, sequence, 'x'))
    send(1, 0)()
    expectRefusal('an old epoch', 'INVALID_PRODUCER_EPOCH', send(0, 1))
    expectRefusal('an epoch that does not begin', 'OUT_OF_ORDER_SEQUENCE_NUMBER', send(2, 1))
    const of = (batches: readonly number[]): Uint8Array =>
      Buffer.concat(batches.map((sequence) => producerBatch({ producerId, producerEpoch: 1 }, sequence, 'x')))
    expectRefusal('a gap within one append', 'OUT_OF_ORDER_SEQUENCE_NUMBER', () => engine.append(t0, of([1, 3])))
    expectRefusal('half a repetition', 'DUPLICATE_SEQUENCE_NUMBER', () => engine.append(t0, of([0, 1])))
    engine.append(t0, of([1, 2]))
    for (let sequence = 3; sequence < 7; sequence++) send(1, sequence)()
    expectRefusal('a repetition long after', 'DUPLICATE_SEQUENCE_NUMBER', send(1, 0))
  },

  async 'epochs of transactional producers are checked'(seed) {
    const engine = await new Machine(seed).open()
    engine.createTopic({ name: 't', partitions: 1 })
    const options = { transactionalId: 'tx' }
    const old = await engine.initProducerId(options)
    const next = await engine.initProducerId(options)
    const fenced = { ...options, ...old }
    expectRefusal('a fenced append', 'INVALID_PRODUCER_EPOCH', () =>
      engine.append(t0, transactionalBatch(old, 0, 'x'), options),
    )
    expectRefusal('a fenced addition', 'PRODUCER_FENCED', () => engine.addPartitionsToTxn(fenced, [t0]))
    engine.append(t0, transactionalBatch(next, 0, 'a'), options)
    expectRefusal('a plain batch within', 'INVALID_TXN_STATE', () => engine.append(t0, producerBatch(next, 1, 'b')))
  },

  async 'the file system of the machine syncs'() {
    const directory = mkdtempSync(join(tmpdir(), 'syncs-'))
    const kinds: string[] = []
    const hook = createHook({ init: (_, kind) => void kinds.push(kind) })
    const file = nodeFileSystem.open(join(directory, 'file'))
    try {
      file.write(Buffer.from('x'), 0)
      hook.enable()
      const syncing = file.sync()
      const ofFile = kinds.filter((kind) => kind === 'FSREQCALLBACK').length
      await syncing
      kinds.length = 0
      await nodeFileSystem.syncDirectory(directory)
      hook.disable()
      expectEqual('calls for a file', ofFile, 1)
      // To open and to sync.
      expectEqual('calls for a directory', kinds.filter((kind) => kind === 'FSREQPROMISE').length, 2)
    } finally {
      hook.disable()
      file.close()
      rmSync(directory, { recursive: true })
    }
  },

  async 'a dump shows wrong CRCs'() {
    const bytes = batchOf(['x'])
    bytes[66]! ^= 1
    expectEqual('remark', [...dumpFile('t-0/00000000000000000000.log', bytes)].join().includes('CRC IS WRONG'), true)
  },
}

async function syncAll(machine: Machine): Promise<void> {
  const fileSystem = machine.disk.start()
  for (const path of machine.disk.paths()) await fileSystem.open(path).sync()
  for (const directory of [
    '/',
    '/disk',
    '/disk/data',
    ...fileSystem.list('/disk/data').flatMap((name) => (/-\d+$/.test(name) ? [`/disk/data/${name}`] : [])),
  ])
    await fileSystem.syncDirectory(directory)
}

function readCommittedUntilDamage(engine: LogEngine): string[] {
  try {
    return readAll(engine, t0, { isolation: 'read_committed' })
  } catch (error) {
    if (error instanceof EngineError && error.code === 'CORRUPT_MESSAGE') return []
    throw error
  }
}
