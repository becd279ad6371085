/** What an application is told about metrics and traces; `default` is the one that the others are compared with. */
export const VARIANTS = {
  default: 'metrics at INFO, no tracing',
  'default again': 'the same: what two equal sides differ by',
  'no metrics': 'the recorders emptied: nothing is counted',
  DEBUG: 'metrics at DEBUG, without reads of the clock: the clock of the driver is a number',
  TRACE: 'metrics at TRACE, likewise',
  'tracing off': 'record.tracing set, but no OpenTelemetry SDK is there',
  'tracing on': 'record.tracing with an SDK that records each span',
} as const

export type Variant = keyof typeof VARIANTS
