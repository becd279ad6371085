import type { FnSpec } from './case-file.ts'
import { str } from './json-text.ts'
import { inputOf, type Scalar, scalar, throwIf } from './scalars.ts'
import { equals, isInteger, type Value } from './value.ts'

/** A test of a record's value and key, as the cases spell it. */
export type CasePredicate = (value: Value, key: Value) => boolean

/** The predicate that a spec spells. @throws RangeError for an unknown name. */
export function predicate(spec: FnSpec): CasePredicate {
  switch (spec.fn) {
    case 'always':
      return () => true
    case 'never':
      return () => false
    case 'not': {
      const of = predicate(spec.of as FnSpec)
      return (value, key) => !of(value, key)
    }
    case 'and': {
      const of = (spec.of as readonly FnSpec[]).map(predicate)
      return (value, key) => of.every((test) => test(value, key))
    }
    case 'or': {
      const of = (spec.of as readonly FnSpec[]).map(predicate)
      return (value, key) => of.some((test) => test(value, key))
    }
    default: {
      const input: Scalar = spec.in === undefined ? inputOf(spec) : scalar(spec.in)
      const test = testOfOne(spec.fn, spec.arg ?? null)
      return (value, key) => test(input(value, key))
    }
  }
}

function testOfOne(fn: string, arg: Value): (x: Value) => boolean {
  const limit = arg as number
  switch (fn) {
    case 'isNull':
      return (x) => x === null
    case 'notNull':
      return (x) => x !== null
    case 'eq':
      return (x) => equals(x, arg)
    case 'ne':
      return (x) => !equals(x, arg)
    case 'lengthGreaterThan':
      return (x) => x !== null && str(x).length > limit
    case 'startsWith':
      return (x) => x !== null && str(x).startsWith(arg as string)
    case 'contains':
      return (x) => x !== null && str(x).includes(arg as string)
    case 'gt':
      return (x) => typeof x === 'number' && x > limit
    case 'gte':
      return (x) => typeof x === 'number' && x >= limit
    case 'lt':
      return (x) => typeof x === 'number' && x < limit
    case 'lte':
      return (x) => typeof x === 'number' && x <= limit
    case 'even':
      return (x) => isInteger(x) && x % 2 === 0
    case 'odd':
      return (x) => isInteger(x) && x % 2 !== 0
    case 'throwIf':
      return (x) => {
        throwIf(x, arg)
        return true
      }
    default:
      throw new RangeError(`unknown predicate '${fn}'`)
  }
}
