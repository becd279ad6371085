import { Serdes, StreamsBuilder, type Topology, topic } from 'millrace'

export interface Order {
  readonly customerId: string
  readonly item: string
}

export interface Customer {
  readonly name: string
}

export interface OrderWithCustomer {
  readonly item: string
  /** Null while the customer is not known. */
  readonly customer: string | null
}

/** Key: the order's id. A null value deletes the order. */
export const orders = topic('orders', { key: Serdes.string(), value: Serdes.json<Order>() })
/** Key: the customer's id. */
export const customers = topic('customers', { key: Serdes.string(), value: Serdes.json<Customer>() })
export const orderViews = topic('order-views', { key: Serdes.string(), value: Serdes.json<OrderWithCustomer>() })

/**
 * Joins two tables by a foreign key: many orders belong to one customer, and a change on either side updates the view, like a
 * materialised view of `orders LEFT JOIN customers`.
 */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const known = builder.table(customers, { storeName: 'customers' })
  builder
    .table(orders, { storeName: 'orders' })
    .leftJoin(
      known,
      (order) => order.customerId,
      ({ item }, customer): OrderWithCustomer => ({ item, customer: customer?.name ?? null }),
      { name: 'customer-of-order', storeName: 'order-views', valueSerde: orderViews.valueSerde },
    )
    .toStream()
    .to(orderViews)
  return builder.build()
}
