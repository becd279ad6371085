import type { FnSpec } from './case-file.ts'
import { str } from './json-text.ts'
import { scalar, throwIf } from './scalars.ts'
import { equals, type Value } from './value.ts'

/** Joiners get (left, right), reducers and aggregators (aggregate, value), mergers the aggregates of two sessions. */
export type Binary = (left: Value, right: Value, key: Value) => Value

/** The binary function that a spec spells. @throws RangeError for an unknown name. */
export function binary(spec: FnSpec): Binary {
  const of = operation(spec)
  const left = spec.left === undefined ? undefined : scalar(spec.left)
  const right = spec.right === undefined ? undefined : scalar(spec.right)
  const then = spec.then === undefined ? undefined : scalar(spec.then)
  return (l, r, key) => {
    const x = of(left === undefined ? l : left(l, key), right === undefined ? r : right(r, key), key)
    return then === undefined ? x : then(x, key)
  }
}

function operation(spec: FnSpec): Binary {
  const sep = spec.sep ?? '+'
  const concat = (l: Value, r: Value) => str(l) + sep + str(r)
  switch (spec.fn) {
    case 'concat':
      return concat
    case 'concatNonNull':
      return (l, r) => (l === null ? r : r === null ? l : concat(l, r))
    case 'concatOrNull':
      return (l, r) => (l === null || r === null ? null : concat(l, r))
    case 'keyConcat':
      return (l, r, key) => `${str(key)}:${concat(l, r)}`
    case 'pair':
      return (l, r) => [l, r]
    case 'left':
      return (l) => l
    case 'right':
      return (_, r) => r
    case 'null':
      return () => null
    case 'sum':
      return (l, r) => orZero(l) + orZero(r)
    case 'subtract':
      return (l, r) => orZero(l) - orZero(r)
    case 'count':
      return (l) => orZero(l) + 1
    case 'uncount':
      return (l) => orZero(l) - 1
    case 'min':
      return (l, r) => pick(l, r, (a, b) => b < a)
    case 'max':
      return (l, r) => pick(l, r, (a, b) => b > a)
    case 'append':
      return (l, r) => [...asList(l), r]
    case 'remove':
      return (l, r) => without(asList(l), r)
    case 'concatLists':
      return (l, r) => [...asList(l), ...asList(r)]
    case 'throwIf':
      return (_, r) => throwIf(r, spec.arg ?? null)
    default:
      throw new RangeError(`unknown binary function '${spec.fn}'`)
  }
}

function orZero(x: Value): number {
  return typeof x === 'number' ? x : 0
}

function asList(x: Value): readonly Value[] {
  return Array.isArray(x) ? (x as Value[]) : []
}

function without(list: readonly Value[], x: Value): readonly Value[] {
  const found = list.findIndex((element) => equals(element, x))
  return found < 0 ? list : list.toSpliced(found, 1)
}

function pick(l: Value, r: Value, takesRight: (l: number, r: number) => boolean): Value {
  if (typeof l !== 'number') return typeof r === 'number' ? r : null
  if (typeof r !== 'number') return l
  return takesRight(l, r) ? r : l
}
