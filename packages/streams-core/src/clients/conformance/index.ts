import { adminSuite } from './admin.ts'
import { consumerSuite } from './consumer.ts'
import { groupSuite } from './groups.ts'
import { producerSuite } from './producer.ts'
import type { ClientSuiteOptions } from './suite.ts'
import { transactionSuite } from './transactions.ts'

export type { ClientSuiteOptions, SuiteTest } from './suite.ts'

/**
 * What the runtime expects of client adapters. What an adapter cannot do is left out by what it declares in `supports`.
 */
export function clientSuite(options: ClientSuiteOptions): void {
  adminSuite(options)
  producerSuite(options)
  consumerSuite(options)
  groupSuite(options)
  if (options.clients().supports.transactions) transactionSuite(options)
}
