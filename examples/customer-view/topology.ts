import { Serdes, StreamsBuilder, type Topology, topic } from 'millrace'

export interface Profile {
  readonly name: string
}

export interface CustomerView {
  readonly name: string | null
  readonly orders: number
  readonly spentCents: number
  readonly openTickets: readonly string[]
}

/** All three are keyed by the customer's id. */
export const profiles = topic('profiles', { key: Serdes.string(), value: Serdes.json<Profile>() })
export const purchases = topic('purchases', { key: Serdes.string(), value: Serdes.int64() })
export const tickets = topic('tickets', {
  key: Serdes.string(),
  value: Serdes.json<{ readonly id: string; readonly isOpen: boolean }>(),
})
export const customerViews = topic('customer-views', { key: Serdes.string(), value: Serdes.json<CustomerView>() })

/** Gathers three streams in one aggregate: one store, one update for each record, whichever stream it came from. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const grouped = {
    profiles: builder.stream(profiles).groupByKey(),
    purchases: builder.stream(purchases).groupByKey(),
    tickets: builder.stream(tickets).groupByKey(),
  }
  grouped.profiles
    .cogroup<CustomerView>((view, { name }) => ({ ...view, name }))
    .cogroup(grouped.purchases, (view, cents) => ({
      ...view,
      orders: view.orders + 1,
      spentCents: view.spentCents + cents,
    }))
    .cogroup(grouped.tickets, (view, { id, isOpen }) => {
      const others = view.openTickets.filter((other) => other !== id)
      return { ...view, openTickets: isOpen ? [...others, id] : others }
    })
    .aggregate(() => ({ name: null, orders: 0, spentCents: 0, openTickets: [] }), {
      storeName: 'customer-views',
      keySerde: customerViews.keySerde,
      valueSerde: customerViews.valueSerde,
    })
    .toStream()
    .to(customerViews)
  return builder.build()
}
