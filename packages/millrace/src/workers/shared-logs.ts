import type { Broker } from '@millrace/broker'

/** The bundled brokers of a pool: one in front of each folder that a worker has asked for. */
export class SharedLogs {
  readonly #port: number
  readonly #brokers = new Map<string, Promise<Broker>>()
  readonly #addresses: string[] = []

  constructor(port: number) {
    this.#port = port
  }

  /** Those that listen. */
  get addresses(): readonly string[] {
    return [...this.#addresses]
  }

  /** The address of the broker, on the loopback only; it is started when there is none yet. */
  async addressOf(dir: string): Promise<string> {
    let broker = this.#brokers.get(dir)
    if (broker === undefined) {
      broker = import('../broker.ts').then(({ startBroker }) => startBroker({ dir, port: this.#port }))
      this.#brokers.set(dir, broker)
      broker.then(
        ({ address }) => this.#addresses.push(address),
        () => this.#brokers.delete(dir),
      )
    }
    return (await broker).address
  }

  async close(): Promise<void> {
    for (const broker of this.#brokers.values()) await (await broker).close()
    this.#brokers.clear()
    this.#addresses.length = 0
  }
}
