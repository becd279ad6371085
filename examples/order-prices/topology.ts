import { Serdes, StreamsBuilder, type Topology, topic } from 'millrace'

export interface Order {
  readonly customer: string
  readonly product: string
  readonly quantity: number
}

export interface Product {
  readonly name: string
  readonly priceCents: number
}

export interface PricedOrder {
  readonly customer: string
  readonly product: string
  readonly totalCents: number
}

/** Key: the order's id. */
export const orders = topic('orders', { key: Serdes.string(), value: Serdes.json<Order>() })
/** Key: the product's id. */
export const products = topic('products', { key: Serdes.string(), value: Serdes.json<Product>() })
export const pricedOrders = topic('priced-orders', { key: Serdes.string(), value: Serdes.json<PricedOrder>() })

/**
 * Adds the price to each order. The products are a global table: every instance has all of them, so that orders are looked up
 * by a field that is not their key, and neither topic needs as many partitions as the other.
 */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const catalogue = builder.globalTable(products, { storeName: 'catalogue' })
  builder
    .stream(orders)
    .join(
      catalogue,
      (order) => order.product,
      ({ customer, quantity }, { name, priceCents }) => ({
        customer,
        product: name,
        totalCents: quantity * priceCents,
      }),
    )
    .to(pricedOrders)
  return builder.build()
}
