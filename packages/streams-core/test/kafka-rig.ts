import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Cluster } from '@millrace/kafka-client'

/** A real Kafka that tests start, kill and stop, by the command that KAFKA_RIG names. */
export class KafkaRig {
  readonly #command: string
  readonly #dir: string

  /** `dir`: where its brokers keep their data, or are to. */
  constructor(command: string, dir: string) {
    this.#command = command
    this.#dir = dir
  }

  /** Starts brokers, and gives their addresses with commas. `settings`: `name=value`. */
  start(brokers: 1 | 3, settings: readonly string[]): Promise<string> {
    const set = settings.flatMap((setting) => ['--set', setting])
    return this.#run('start', '--port', '0', '--brokers', `${brokers}`, ...set)
  }

  async kill(node: number): Promise<void> {
    await this.#run('stop', '--node', `${node}`, '--kill')
  }

  /** Starts a broker that was killed. */
  async restart(node: number, settings: readonly string[] = []): Promise<void> {
    await this.#run('start', '--node', `${node}`, ...settings.flatMap((setting) => ['--set', setting]))
  }

  /** Ends all brokers, and removes their data. */
  async stop(): Promise<void> {
    await this.#run('stop', '--wipe')
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(this.#command, [...args, '--dir', this.#dir])
    return stdout.trim().split('\n').at(-1) ?? ''
  }
}

/** Waits until every partition has a leader, and all of its replicas are in sync: the next broker may be killed. */
export async function allInSync(bootstrap: string): Promise<void> {
  const cluster = new Cluster({ bootstrap, clientId: 'in-sync' })
  for (;;) {
    await cluster.retrying(() => cluster.refresh(null))
    const partitions = cluster.knownTopics.flatMap((topic) => topic.partitions)
    const isReady = partitions.every(
      ({ leaderId, replicas, inSyncReplicas }) => leaderId >= 0 && inSyncReplicas.length === replicas.length,
    )
    if (isReady) break
    await sleep(100)
  }
  await cluster.close()
}
