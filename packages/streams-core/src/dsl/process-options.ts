import type { Named } from './named.ts'

/** Name and stores of a processor. Stores that its supplier brings along need not be listed. */
export interface ProcessOptions extends Named {
  /** Names of stores added to the builder which the processor may use. Global stores can be used without. */
  readonly stateStoreNames?: readonly string[] | undefined
}
