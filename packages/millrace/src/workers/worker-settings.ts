import { join } from 'node:path'
import type { StreamsProperties } from '@millrace/streams-core'
import type { ToWorker } from './messages.ts'
import type { WorkerChannel } from './worker-channel.ts'

const defaultStateDir = '.millrace/state'
const defaultLogDir = '.millrace/log'
const instanceIds = ['group.instance.id', 'consumer.group.instance.id', 'main.consumer.group.instance.id']

/**
 * The application's settings as one of several workers has them: with a state directory and client ids of its own, and in mode
 * standalone with the address of the log that all workers share. There each is a static member, because nobody else can have its
 * number: a worker that is started again goes on with the tasks that it had.
 */
export async function workerSettings(properties: StreamsProperties, worker: WorkerChannel): Promise<StreamsProperties> {
  const own: { [key: string]: unknown } = {
    ...properties,
    'state.dir': join(properties['state.dir'] ?? defaultStateDir, `worker-${worker.number}`),
    'client.id': `${properties['client.id'] || properties['application.id']}-worker-${worker.number}`,
  }
  for (const key of instanceIds) if (own[key] !== undefined) own[key] = `${String(own[key])}-${worker.number}`
  if (properties['bootstrap.servers'] === undefined && properties.mode !== 'cluster') {
    own['bootstrap.servers'] = await askForLog(worker, properties['log.dir'] ?? defaultLogDir)
    if (instanceIds.every((key) => own[key] === undefined)) {
      own['group.instance.id'] = `${properties['application.id']}-worker-${worker.number}`
    }
  }
  return own
}

/** The address of the bundled broker in front of a folder, which the pool starts when it is asked for the first time. */
function askForLog(worker: WorkerChannel, dir: string): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.onMessage((message: ToWorker) => {
      if (message.kind !== 'log') reject(new Error('The worker was stopped before it had started.'))
      else if ('error' in message) reject(new Error(message.error))
      else resolve(message.bootstrapServers)
    })
    void worker.send({ kind: 'log', dir })
  })
}
