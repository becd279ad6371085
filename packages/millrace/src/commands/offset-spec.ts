import type { OffsetSpec } from '@millrace/kafka-client'
import { UsageError } from './command.ts'

/** `earliest`, `latest`, `max-timestamp`, Unix ms, or a date such as 2026-01-31T12:00:00Z. @throws UsageError */
export function offsetSpecOf(text: string): OffsetSpec {
  if (text === 'earliest' || text === 'latest' || text === 'max-timestamp') return text
  const timestamp = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isSafeInteger(timestamp) && timestamp >= 0) return { timestamp }
  throw new UsageError(`'${text}' is no time: earliest, latest, Unix ms or a date such as 2026-01-31T12:00:00Z`)
}
