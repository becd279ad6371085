import type { Serde } from '@millrace/serdes'

/** A serde as it came down the chain: a plain one, or one made of another (a windowed key's of the key's). */
export type SerdeRef = PlainSerdeRef | WrappedSerdeRef

/** `given`: what Java would have here. `implied`: what an operator above has for the same type, used where neither this nor a default is given. */
export interface PlainSerdeRef {
  readonly given: Serde<unknown> | undefined
  readonly implied: Serde<unknown> | undefined
}

export interface WrappedSerdeRef {
  readonly of: SerdeRef
  readonly component: 'key' | 'value'
  readonly wrap: (inner: Serde<unknown>) => Serde<unknown>
}
