import { StoreConfigError } from '../store-error.ts'

/** Settings of a session store. */
export interface SessionStoreOptions {
  readonly name: string
  /** How far below stream time a session's end may lie, ms. */
  readonly retentionMs: number
}

/** @throws StoreConfigError for a negative retention. */
export function checkSessionOptions(options: SessionStoreOptions): void {
  const { name, retentionMs } = options
  if (!(retentionMs >= 0)) {
    throw new StoreConfigError(name, `retentionMs is ${retentionMs}`, 'Give a number of milliseconds, 0 or more')
  }
}
