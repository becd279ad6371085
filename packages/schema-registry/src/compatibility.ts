import type { ParsedSchema } from './schema-language.ts'

/** How a new version of a subject must fit the older ones, by Confluent's names. */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const

export type CompatibilityLevel = (typeof compatibilityLevels)[number]

/** A version to compare with. */
export interface OlderVersion {
  readonly version: number
  readonly parsed: ParsedSchema
}

/**
 * Why a schema cannot follow the older versions of its subject; empty: it can. `BACKWARD`: it reads what the last one has
 * written; `FORWARD`: the last one reads what it writes; `FULL`: both; `…_TRANSITIVE`: for all versions.
 */
export function incompatibilities(
  level: CompatibilityLevel,
  schema: ParsedSchema,
  older: readonly OlderVersion[],
): readonly string[] {
  if (level === 'NONE') return []
  const compared = level.endsWith('_TRANSITIVE') ? older.toReversed() : older.slice(-1)
  const found: string[] = []
  for (const { version, parsed } of compared) {
    if (!level.startsWith('FORWARD')) {
      for (const text of schema.differences(parsed))
        found.push(`the new schema cannot read version ${version}: ${text}`)
    }
    if (!level.startsWith('BACKWARD')) {
      for (const text of parsed.differences(schema))
        found.push(`version ${version} cannot read the new schema: ${text}`)
    }
  }
  return found
}
