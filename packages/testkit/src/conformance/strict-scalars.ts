import type { FnSpec } from './case-file.ts'
import { javaDoubleText, str } from './json-text.ts'
import { endOf, isInteger, isObject, isWindowed, normalised, type Value } from './value.ts'

/** The scalars that give null for null, as functions of what is not null. @throws RangeError for an unknown name. */
export function strictScalar(spec: FnSpec): (x: Value) => Value {
  const arg = spec.arg ?? null
  switch (spec.fn) {
    case 'upper':
      return (x) => str(x).toUpperCase()
    case 'lower':
      return (x) => str(x).toLowerCase()
    case 'toString':
      return str
    case 'length':
      return (x) => str(x).length
    case 'firstChar':
      return (x) => str(x).slice(0, 1)
    case 'prefix':
      return (x) => argText(arg) + str(x)
    case 'suffix':
      return (x) => str(x) + argText(arg)
    case 'field':
      return (x) => (isObject(x) && Object.hasOwn(x, arg as string) ? x[arg as string]! : null)
    case 'index':
      return (x) => (Array.isArray(x) ? ((x as Value[])[arg as number] ?? null) : null)
    case 'size':
      return (x) => (Array.isArray(x) ? x.length : null)
    case 'splitPart':
      return (x) => str(x).split(spec.sep!)[arg as number] ?? null
    case 'number':
      return toNumber
    case 'add':
      return (x) => (typeof x === 'number' ? x + (arg as number) : null)
    case 'mul':
      return (x) => (typeof x === 'number' ? normalised(x * (arg as number)) : null)
    case 'negate':
      return (x) => (typeof x === 'number' ? normalised(-x) : null)
    case 'mod':
      return (x) => (isInteger(x) ? floorMod(x, arg as number) : null)
    case 'wrap':
      return (x) => ({ [arg as string]: x })
    case 'windowKey':
      return (x) => (isWindowed(x) ? x.key : null)
    case 'windowStart':
      return (x) => (isWindowed(x) ? x.window.start : null)
    case 'windowEnd':
      return (x) => (isWindowed(x) ? endOf(x) : null)
    default:
      throw new RangeError(`unknown scalar '${spec.fn}'`)
  }
}

/** The argument as Java joins it to a string: a fraction keeps `Double.toString`'s form. */
function argText(arg: Value): string {
  return typeof arg === 'number' && !Number.isInteger(arg) ? javaDoubleText(arg) : str(arg)
}

function toNumber(x: Value): Value {
  if (typeof x === 'number') return x
  const text = str(x)
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? normalised(Number(text)) : null
}

function floorMod(x: number, by: number): number {
  if (by === 0) throw new RangeError('modulus by zero')
  return normalised(((x % by) + by) % by)
}
