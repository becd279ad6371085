import { describe, expect, it } from 'vitest'
import { LogEngine } from '../../src/index.ts'
import { batchOf, readAll, t0 } from '../batches.ts'
import { ManualTime } from '../manual-time.ts'
import { FaultyDisk } from './faulty-disk.ts'
import { Random } from './random.ts'

const code = (code: string) => expect.objectContaining({ name: 'EngineError', code })

async function setUp() {
  const disk = new FaultyDisk(new Random(1))
  const engine = await LogEngine.open({ dir: '/disk/data', fileSystem: disk.start(), time: new ManualTime() })
  engine.createTopic({ name: 't', partitions: 1 })
  return { disk, engine }
}

describe('a full disk', () => {
  it('refuses an append in one line that names the file, and is as good as before once there is space', async () => {
    const { disk, engine } = await setUp()
    engine.append(t0, batchOf(['a']))
    disk.space = 100
    expect(() => engine.append(t0, batchOf(['x'.repeat(200)]))).toThrow(code('LOG_DISK_FULL'))
    expect(() => engine.append(t0, batchOf(['x'.repeat(200)]))).toThrow(
      /^No space is left for \/disk\/data\/t-0\/.*free some space/,
    )
    expect(readAll(engine, t0)).toEqual(['0:a'])
    disk.space = Number.POSITIVE_INFINITY
    expect(engine.append(t0, batchOf(['b'])).baseOffset).toBe(1)
    await engine.close()
    const again = await LogEngine.open({ dir: '/disk/data', fileSystem: disk.start(), time: new ManualTime() })
    expect(readAll(again, t0)).toEqual(['0:a', '1:b'])
  })

  it('makes no topic, or all of it', async () => {
    const { disk, engine } = await setUp()
    for (let space = 0; space < 2000; space += 130) {
      disk.space = space
      const name = `n${space}`
      try {
        engine.createTopic({ name, partitions: 3 })
        disk.space = Number.POSITIVE_INFINITY
        engine.append({ topic: name, partition: 2 }, batchOf(['a']))
      } catch (error) {
        disk.space = Number.POSITIVE_INFINITY
        expect(error).toEqual(code('LOG_DISK_FULL'))
        expect(engine.describeTopic(name)).toBe(undefined)
        engine.createTopic({ name, partitions: 1 })
      }
    }
  })
})

describe('a disk that fails to sync', () => {
  it('stops what it concerns until the engine is opened again, and then holds what was acknowledged', async () => {
    const { disk, engine } = await setUp()
    engine.append(t0, batchOf(['a']))
    await engine.sync()
    engine.append(t0, batchOf(['b']))
    disk.syncFaults = 1
    await expect(engine.sync()).rejects.toThrow(code('KAFKA_STORAGE_ERROR'))
    disk.syncFaults = 0
    expect(() => engine.append(t0, batchOf(['c']))).toThrow('open the engine again')
    await expect(engine.sync()).rejects.toThrow(code('KAFKA_STORAGE_ERROR'))
    expect(readAll(engine, t0)).toEqual(['0:a', '1:b'])
    await engine.close()
    const again = await LogEngine.open({ dir: '/disk/data', fileSystem: disk.start(), time: new ManualTime() })
    await again.sync()
    disk.losePower()
    const third = await LogEngine.open({ dir: '/disk/data', fileSystem: disk.start(), time: new ManualTime() })
    expect(readAll(third, t0)).toEqual(['0:a', '1:b'])
  })
})
