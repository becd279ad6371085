import type { BytesStoreContext } from './bytes-store.ts'
import { copyBytes, newBytes } from './new-bytes.ts'
import type { Keyspace } from './state-engine.ts'
import { StoreClosedError } from './store-error.ts'

/** The part that all stores over one keyspace share: opening, closing, and refusing to work when closed. */
export abstract class KeyspaceStore {
  readonly name: string
  #keyspace: Keyspace | undefined
  #context: BytesStoreContext | undefined

  constructor(name: string) {
    this.name = name
  }

  init(context: BytesStoreContext): void {
    this.#context = context
    this.#keyspace = context.engine.keyspace(this.name)
  }

  isOpen(): boolean {
    return this.#keyspace !== undefined
  }

  close(): void {
    this.#keyspace = undefined
    this.#context = undefined
  }

  /** The store's keyspace, for an operation of that name. */
  protected open(operation: string): Keyspace {
    if (this.#keyspace === undefined) throw new StoreClosedError(this.name, operation)
    return this.#keyspace
  }

  /** Reports a record that was not kept because it is older than the retention. */
  protected reportExpired(): void {
    this.#context?.onExpiredRecord()
  }
}

/** A copy of a value, so that a store does not hold on to the record batch which the value is a part of. */
export function ownCopy(value: Uint8Array): Uint8Array {
  const copy = newBytes(value.length)
  copyBytes(value, copy, 0)
  return copy
}
