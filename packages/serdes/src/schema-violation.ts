import { type PathStep, pathText } from './field-path.ts'
import { SerializationError } from './serialization-error.ts'

/** One thing that a schema found wrong. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly PathStep[] | undefined
}

/** What to do about a value that fails its schema, by side. */
const nextSteps = {
  serialize: 'Correct the value before it is sent, or the schema if it is too narrow',
  deserialize: 'Correct the producer of the topic or the schema, or set a deserialization exception handler',
} as const

/** The side of a serde on which a value failed. */
export type Side = keyof typeof nextSteps

/** The error of a value that fails its schema: it names the path of the first field that does not match. */
export function schemaViolation(
  topic: string,
  serde: string,
  side: Side,
  issues: readonly SchemaIssue[],
  cause?: unknown,
): SerializationError {
  const first = issues[0]
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  const path = pathText(first?.path ?? [])
  return new SerializationError({
    topic,
    what: `serde ${serde} cannot ${side} a value: ${path}: ${first?.message ?? 'invalid'}${more}`,
    nextStep: nextSteps[side],
    cause,
  })
}
