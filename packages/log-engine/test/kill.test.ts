import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LogEngine } from '../src/index.ts'
import { readAll, t0, t1 } from './batches.ts'
import { bundle } from './child-process.ts'
import { Random } from './faults/random.ts'

/** `KILLS=100` kills so often. */
const kills = Number(process.env['KILLS'] ?? 4)

/** Lets a process write for a while and kills it; what it had acknowledged. */
async function killWhileWriting(script: string, directory: string, first: number, delayMs: number): Promise<string[]> {
  const child = fork(script, [directory, String(first)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  let output = ''
  child.stdout!.on('data', (text) => {
    output += text
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  await new Promise((resolve) => child.once('message', resolve))
  await new Promise((resolve) => setTimeout(resolve, delayMs))
  child.kill('SIGKILL')
  await closed
  return output.split('\n').slice(0, -1)
}

it(`holds what it acknowledged after SIGKILL, ${kills} times`, { timeout: 3_600_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'kill-'))
  const seed = Number(process.env['KILL_SEED'] ?? process.pid)
  const random = new Random(seed)
  try {
    const script = await bundle('kill-load', root)
    const acknowledged: string[] = []
    for (let kill = 0; kill < kills; kill++) {
      const first = acknowledged.length + kill * 10
      acknowledged.push(...(await killWhileWriting(script, join(root, 'data'), first, random.below(150))))
      const engine = await LogEngine.open({ dir: join(root, 'data') })
      await engine.initProducerId({ transactionalId: 'tx' })
      check(engine, acknowledged, `seed ${seed}, kill ${kill}`)
      await engine.close()
    }
    expect(acknowledged.length).toBeGreaterThan(kills)
  } finally {
    rmSync(root, { recursive: true })
  }
})

function check(engine: LogEngine, acknowledged: readonly string[], run: string): void {
  const values = (partition: typeof t0): string[] =>
    readAll(engine, partition, { isolation: 'read_committed' }).map((text) => text.slice(text.indexOf(':') + 1))
  const [first, second] = [values(t0), values(t1)]
  const plain = first.filter((value) => value.startsWith('plain'))
  const committed = first.filter((value) => value.startsWith('committed'))
  expect(second, run).toEqual(committed)
  expect(
    [...first, ...second].some((value) => value.startsWith('aborted')),
    run,
  ).toBe(false)
  expect(new Set(first).size, run).toBe(first.length)
  const held = new Set(first)
  for (const line of acknowledged) {
    const [what, number] = line.split(' ')
    if (what !== 'aborted' && !held.has(`${what}${number}`))
      throw new Error(`${run}: '${line}' was acknowledged and is gone`)
  }
  const numbers = plain.map((value) => Number(value.slice('plain'.length)))
  expect(numbers, run).toEqual([...numbers].sort((a, b) => a - b))
  const last = committed.at(-1)
  const offset = engine.fetchOffsets('g', [{ topic: 'in', partition: 0 }], { requireStable: true })[0]!.offset
  expect(offset, run).toBe(last === undefined ? -1 : Number.parseInt(last.slice('committed'.length), 10))
}
