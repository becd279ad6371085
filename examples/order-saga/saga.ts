import {
  type KeyValueStore,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  Record,
  Serdes,
  Stores,
} from 'millrace'

export interface Order {
  readonly item: string
  readonly amountCents: number
}

/** What can happen to an order. */
export type OrderEvent =
  | { readonly kind: 'placed'; readonly order: Order }
  | { readonly kind: 'reserved' | 'out-of-stock' | 'paid' | 'payment-refused' }

export interface StockRequest {
  readonly action: 'reserve' | 'release'
  readonly item: string
}

export interface PaymentRequest {
  readonly action: 'charge' | 'refund'
  readonly amountCents: number
}

/** What the saga has others do. */
export type Command =
  | { readonly to: 'stock'; readonly request: StockRequest }
  | { readonly to: 'payments'; readonly request: PaymentRequest }
  | { readonly to: 'customer'; readonly result: string }

type Step = 'reserving' | 'charging' | 'done' | 'failed'

interface Saga {
  readonly order: Order
  readonly step: Step
  /** Unix ms. */
  readonly deadline: number
}

const storeName = 'sagas'

/** A processor that keeps one saga for each order. */
export function orderSaga(patienceMs: number): ProcessorSupplier<string, OrderEvent, string, Command> {
  const store = Stores.persistentKeyValueStore(storeName)
  return Object.assign(() => new OrderSaga(patienceMs), {
    stores: [Stores.keyValueStoreBuilder(store, Serdes.string(), Serdes.json<Saga>())],
  })
}

class OrderSaga implements Processor<string, OrderEvent, string, Command> {
  readonly #patienceMs: number
  #context!: ProcessorContext<string, Command>
  #sagas!: KeyValueStore<string, Saga>

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  init(context: ProcessorContext<string, Command>): void {
    this.#context = context
    this.#sagas = context.getStateStore(storeName)
    context.schedule(1000, 'wall-clock-time', (now) => this.#giveUp(now))
  }

  process({ key, value: event, timestamp }: Record<string, OrderEvent>): void {
    const saga = this.#sagas.get(key)
    if (event.kind === 'placed') {
      // The same order placed again changes nothing.
      if (saga === null) this.#begin(key, event.order, timestamp)
      return
    }
    if (saga === null) return
    this.#continue(key, saga, event.kind, timestamp)
  }

  #begin(key: string, order: Order, timestamp: number): void {
    this.#enter(key, order, 'reserving')
    this.#send(key, timestamp, { to: 'stock', request: { action: 'reserve', item: order.item } })
  }

  #continue(key: string, { order, step }: Saga, event: OrderEvent['kind'], timestamp: number): void {
    const { item, amountCents } = order
    const send = (command: Command) => this.#send(key, timestamp, command)
    switch (`${step}, ${event}`) {
      case 'reserving, reserved':
        this.#enter(key, order, 'charging')
        send({ to: 'payments', request: { action: 'charge', amountCents } })
        break
      case 'reserving, out-of-stock':
        this.#fail(key, order, timestamp, 'out of stock')
        break
      case 'charging, paid':
        this.#enter(key, order, 'done')
        send({ to: 'customer', result: 'confirmed' })
        break
      case 'charging, payment-refused':
        send({ to: 'stock', request: { action: 'release', item } })
        this.#fail(key, order, timestamp, 'payment refused')
        break
      // What comes after the saga was given up is undone.
      case 'failed, reserved':
        send({ to: 'stock', request: { action: 'release', item } })
        break
      case 'failed, paid':
        send({ to: 'payments', request: { action: 'refund', amountCents } })
        break
    }
  }

  #giveUp(now: number): void {
    for (const [key, { order, step, deadline }] of this.#sagas.all()) {
      if (deadline > now || step === 'done' || step === 'failed') continue
      if (step === 'charging') this.#send(key, now, { to: 'stock', request: { action: 'release', item: order.item } })
      this.#fail(key, order, now, 'timed out')
    }
  }

  #fail(key: string, order: Order, timestamp: number, result: string): void {
    this.#enter(key, order, 'failed')
    this.#send(key, timestamp, { to: 'customer', result })
  }

  #enter(key: string, order: Order, step: Step): void {
    this.#sagas.put(key, { order, step, deadline: this.#context.currentSystemTimeMs() + this.#patienceMs })
  }

  #send(key: string, timestamp: number, command: Command): void {
    this.#context.forward(new Record(key, command, timestamp))
  }
}
