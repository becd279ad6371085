import type { TransactionDescription } from '@millrace/log-engine'

/** Kafka's names of the states of a transaction. */
export const transactionStates: Readonly<Record<TransactionDescription['status'], string>> = {
  empty: 'Empty',
  ongoing: 'Ongoing',
  'prepare-commit': 'PrepareCommit',
  'prepare-abort': 'PrepareAbort',
  'complete-commit': 'CompleteCommit',
  'complete-abort': 'CompleteAbort',
}
