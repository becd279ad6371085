import type { FnSpec } from './case-file.ts'
import { str } from './json-text.ts'
import { inputOf } from './scalars.ts'
import { isInteger, type Value } from './value.ts'

/** Gives the elements that a flat map makes; null where user code gives null instead of a list. */
export type ListFunction = (value: Value, key: Value) => readonly Value[] | null

/** The list function that a spec spells. @throws RangeError for an unknown name. */
export function list(spec: FnSpec): ListFunction {
  const input = inputOf(spec)
  const of = elements(spec)
  return (value, key) => of(input(value, key))
}

function elements(spec: FnSpec): (x: Value) => readonly Value[] | null {
  switch (spec.fn) {
    case 'empty':
      return () => []
    case 'single':
      return (x) => [x]
    case 'repeat': {
      const length = spec.arg as number
      return (x) => Array.from({ length }, () => x)
    }
    case 'splitWords':
      return (x) =>
        x === null
          ? []
          : str(x)
              .split(/[ \t\r\n]+/)
              .filter((word) => word !== '')
    case 'splitOn':
      return (x) => (x === null ? [] : str(x).split(spec.sep!))
    case 'range':
      return (x) => (isInteger(x) ? Array.from({ length: Math.max(0, x) }, (_, i) => i) : [])
    case 'elements':
      return (x) => (Array.isArray(x) ? (x as Value[]) : [])
    case 'nullList':
      return () => null
    default:
      throw new RangeError(`unknown list function '${spec.fn}'`)
  }
}
