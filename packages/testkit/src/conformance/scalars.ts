import type { FnSpec } from './case-file.ts'
import { str } from './json-text.ts'
import { predicate } from './predicates.ts'
import { strictScalar } from './strict-scalars.ts'
import { equals, isWindowed, type Value } from './value.ts'

/** A function of a record's value and key, as the cases spell it. */
export type Scalar = (value: Value, key: Value) => Value

/** What `throwIf` throws: a failure of user code. */
export class CaseError extends Error {
  override readonly name = 'CaseError'
}

/** The scalar that a spec spells; a list is a chain in which the key stays the record's. */
export function scalar(spec: FnSpec | readonly FnSpec[]): Scalar {
  if (isChain(spec)) {
    const links = spec.map(scalar)
    return (value, key) => links.reduce((x, link) => link(x, key), value)
  }
  const input = inputOf(spec)
  const arg = spec.arg ?? null
  switch (spec.fn) {
    case 'const':
      return () => arg
    case 'null':
      return () => null
    case 'identity':
      return input
    case 'orElse':
      return (value, key) => input(value, key) ?? arg
    case 'pair':
      return (value, key) => [isWindowed(key) ? str(key) : key, value]
    case 'keyValue': {
      const sep = spec.sep ?? ':'
      return (value, key) => str(key) + sep + str(value)
    }
    case 'object': {
      const fields = Object.entries(spec.fields ?? {}).map(([name, of]) => [name, scalar(of)] as const)
      return (value, key) => Object.fromEntries(fields.map(([name, of]) => [name, of(value, key)]))
    }
    case 'throwIf':
      return (value, key) => throwIf(input(value, key), arg)
    case 'nullIf':
      return (value, key) => {
        const x = input(value, key)
        return equals(x, arg) ? null : x
      }
    case 'if': {
      const when = predicate(spec.when!)
      const [then, otherwise] = [scalar(spec.then!), scalar(spec.else!)]
      return (value, key) => (when(value, key) ? then(value, key) : otherwise(value, key))
    }
    default: {
      const of = strictScalar(spec)
      return (value, key) => {
        const x = input(value, key)
        return x === null ? null : of(x)
      }
    }
  }
}

/** The record's key where the spec says `"on": "key"`, else its value. */
export function inputOf(spec: FnSpec): Scalar {
  return spec.on === 'key' ? (_value, key) => key : (value) => value
}

export function throwIf(x: Value, arg: Value): Value {
  if (equals(x, arg)) throw new CaseError(`boom on ${str(x)}`)
  return x
}

function isChain(spec: FnSpec | readonly FnSpec[]): spec is readonly FnSpec[] {
  return Array.isArray(spec)
}
