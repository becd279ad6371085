import type { Serde } from '@millrace/serdes'
import { Serdes } from '@millrace/serdes'
import type { SerdeRef } from '../topology/serde-ref.ts'

/** Any serde, whose type is known to the caller only. */
export type AnySerde = Serde<unknown>

/** No serde: what Java has after an operator that makes a new type. */
export const noSerde: SerdeRef = Object.freeze({ given: undefined, implied: undefined })

/** The serde that the user gave, else what came down the chain. */
export function orElse<T>(serde: Serde<T> | undefined, ref: SerdeRef): SerdeRef {
  return serde === undefined ? ref : { given: serde as AnySerde, implied: undefined }
}

/** What Java forgets although the type stays: kept for places where nothing else says how to write it. */
export function forgotten(ref: SerdeRef): SerdeRef {
  return 'wrap' in ref ? ref : { given: undefined, implied: ref.given ?? ref.implied }
}

/** A source's serde: without one and without a default, raw bytes. */
export function sourceSerde<T>(serde: Serde<T> | undefined): SerdeRef {
  return { given: serde as AnySerde | undefined, implied: Serdes.bytes() as AnySerde }
}
