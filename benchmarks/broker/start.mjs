// From `startBroker()` to the first acknowledged produce, and from launching the command until it is ready; five times each.
//
//   npm run build && node benchmarks/broker/start.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startBroker } from '@millrace/broker'
import { Cluster, Producer } from '@millrace/kafka-client'

const main = fileURLToPath(new URL('../../packages/millrace/dist/main.js', import.meta.url))

async function firstAcknowledged() {
  const start = performance.now()
  const broker = await startBroker({ memory: true })
  const cluster = new Cluster({ bootstrap: broker.address })
  await new Producer(cluster).send({ topic: 't', key: null, value: Buffer.from('x') })
  const taken = performance.now() - start
  await cluster.close()
  await broker.close()
  return taken
}

async function commandReady() {
  const start = performance.now()
  const child = spawn(process.execPath, [main, 'broker', '--port', '0', '--memory'])
  await once(child.stdout, 'data')
  const taken = performance.now() - start
  child.kill()
  await once(child, 'exit')
  return taken
}

for (const [name, measure] of [
  ['startBroker() to the first acknowledged produce', firstAcknowledged],
  ['launching the command until it is ready', commandReady],
]) {
  const taken = []
  for (let i = 0; i < 5; i++) taken.push(Math.round(await measure()))
  console.log(`${name}: ${taken.join(', ')} ms`)
}
