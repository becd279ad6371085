import {
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type Record,
  Serdes,
  Stores,
  StreamsBuilder,
  type Topology,
  topic,
  type WindowStore,
} from 'millrace'

export interface Payment {
  readonly eventId: string
  readonly amountCents: number
}

/** Key: the account. A sender that gets no answer sends the same event again. */
export const payments = topic('payments', { key: Serdes.string(), value: Serdes.json<Payment>() })
export const uniquePayments = topic('unique-payments', { key: Serdes.string(), value: Serdes.json<Payment>() })

const storeName = 'seen-events'

/** Lets each event id through once within `rememberMs`: a processor of one's own over a window store, which forgets by itself. */
export function buildTopology(rememberMs = 600_000): Topology {
  const builder = new StreamsBuilder()
  builder.stream(payments).process(deduplicate(rememberMs), { name: 'deduplicate' }).to(uniquePayments)
  return builder.build()
}

function deduplicate(rememberMs: number): ProcessorSupplier<string, Payment, string, Payment> {
  const store = Stores.persistentWindowStore(storeName, { retentionMs: 2 * rememberMs, windowSizeMs: rememberMs })
  return Object.assign(() => new Deduplicator(rememberMs), {
    stores: [Stores.windowStoreBuilder(store, Serdes.string(), Serdes.int64())],
  })
}

class Deduplicator implements Processor<string, Payment, string, Payment> {
  readonly #rememberMs: number
  #context!: ProcessorContext<string, Payment>
  #seen!: WindowStore<string, number>

  constructor(rememberMs: number) {
    this.#rememberMs = rememberMs
  }

  init(context: ProcessorContext<string, Payment>): void {
    this.#context = context
    this.#seen = context.getStateStore(storeName)
  }

  process(record: Record<string, Payment>): void {
    const { eventId } = record.value
    // Seen before or, out of order, after this one: both sides are searched.
    const earlier = this.#seen.fetch(eventId, record.timestamp - this.#rememberMs, record.timestamp + this.#rememberMs)
    const isNew = earlier.next().done === true
    earlier.close()
    this.#seen.put(eventId, record.timestamp, record.timestamp)
    if (isNew) this.#context.forward(record)
  }
}
