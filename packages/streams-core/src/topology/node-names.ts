import { TopologyError } from '../errors.ts'

/** `KSTREAM-FILTER-` and 1 give `KSTREAM-FILTER-0000000001`. */
export function numbered(prefix: string, index: number): string {
  return prefix + String(index).padStart(10, '0')
}

/** True for a name that a stream operator was given by the counter; repartition topics of named ones get other node names. */
export function isGeneratedStreamName(name: string): boolean {
  return /^KSTREAM.*-[0-9]{10}$/.test(name)
}

/**
 * Checks a name given by the user; it may become part of a topic's name.
 * @throws TopologyError for a name that is empty, too long, or has other characters than `a-z A-Z 0-9 . _ -`
 * @see org.apache.kafka.streams.kstream.Named#validate
 */
export function validateName(name: string): string {
  if (name === '') throw new TopologyError('An operator or store was given an empty name. Give it a name, or none.')
  if (name === '.' || name === '..') {
    throw new TopologyError(`'${name}' cannot be the name of an operator or store. Choose another.`)
  }
  if (name.length > 249) {
    throw new TopologyError(`Name '${name}' has ${name.length} characters; at most 249 are allowed. Shorten it.`)
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    throw new TopologyError(
      `Name '${name}' has characters other than a-z A-Z 0-9 . _ - and cannot be used for an operator or store. Rename it.`,
    )
  }
  return name
}

/** Suffix of repartition topics. */
export const REPARTITION_SUFFIX = '-repartition'
/** Suffix of changelog topics. */
export const CHANGELOG_SUFFIX = '-changelog'
