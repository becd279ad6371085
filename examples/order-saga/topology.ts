import { Serdes, StreamsBuilder, type Topology, topic } from 'millrace'
import type { Order, OrderEvent, PaymentRequest, StockRequest } from './saga.ts'
import { orderSaga } from './saga.ts'

/** Key: the order's id, in all topics. */
export const orders = topic('orders', { key: Serdes.string(), value: Serdes.json<Order>() })
/** What the warehouse and the bank are asked. */
export const stockRequests = topic('stock-requests', { key: Serdes.string(), value: Serdes.json<StockRequest>() })
export const paymentRequests = topic('payment-requests', { key: Serdes.string(), value: Serdes.json<PaymentRequest>() })
/** What they answer, and when they do not, is an event too. */
export const answers = topic('answers', { key: Serdes.string(), value: Serdes.json<OrderEvent>() })
export const results = topic('order-results', {
  key: Serdes.string(),
  value: Serdes.json<{ readonly result: string }>(),
})

/** Milliseconds for which an order waits for the warehouse and the bank. */
export const patienceMs = 30_000

/**
 * Takes an order through reservation and payment, and undoes the one when the other fails: a saga, as a state machine over a store,
 * with its time-outs as punctuations. Each step's new state, the requests that it sends and the input's position are committed
 * together, so that no crash leaves a reservation without an owner or takes a payment twice.
 */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const placed = builder.stream(orders).mapValues((order): OrderEvent => ({ kind: 'placed', order }))
  const commands = placed.merge(builder.stream(answers)).process(orderSaga(patienceMs), { name: 'saga' })

  commands
    .mapValues((command) => (command.to === 'stock' ? command.request : null))
    .filter((request) => request !== null)
    .to(stockRequests)
  commands
    .mapValues((command) => (command.to === 'payments' ? command.request : null))
    .filter((request) => request !== null)
    .to(paymentRequests)
  commands
    .mapValues((command) => (command.to === 'customer' ? { result: command.result } : null))
    .filter((result) => result !== null)
    .to(results)
  return builder.build()
}
