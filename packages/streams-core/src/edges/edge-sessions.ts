import type { EdgeHost, EdgeSession, TopologyEdge } from './topology-edge.ts'

/** The edges of one application, from its start to its end. */
export class EdgeSessions {
  readonly #sessions: readonly EdgeSession[]

  constructor(edges: readonly TopologyEdge[], host: EdgeHost) {
    this.#sessions = edges.map((edge) => edge.attach(host))
  }

  /** False: there are none. */
  get any(): boolean {
    return this.#sessions.length > 0
  }

  /** Before the application processes anything. */
  async open(): Promise<void> {
    for (const session of this.#sessions) await session.open()
  }

  run(): void {
    for (const session of this.#sessions) session.run()
  }

  async stopFeeding(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.stopFeeding()))
  }

  async end(error?: Error): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.end(error)))
  }
}
