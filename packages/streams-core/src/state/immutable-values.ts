import type { StateStore } from './state-store.ts'

/** True when what the store hands out cannot be changed by user code (numbers, strings): its serde says so. */
export function hasImmutableValues(store: StateStore): boolean {
  return 'immutableValues' in store && store.immutableValues === true
}
