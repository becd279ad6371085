/** Keywords that bound numbers and texts. */
export interface Bounds {
  readonly minimum?: unknown
  readonly exclusiveMinimum?: unknown
  readonly maximum?: unknown
  readonly exclusiveMaximum?: unknown
  readonly multipleOf?: unknown
  readonly minLength?: unknown
  readonly maxLength?: unknown
  readonly pattern?: unknown
}

/** Which bounds of numbers and texts the reader has tightened. */
export function lostBounds(reader: Bounds, writer: Bounds, path: string): readonly string[] {
  const found: string[] = []
  const [low, lowBefore] = [lowest(reader), lowest(writer)]
  if (low.at > lowBefore.at || (low.at === lowBefore.at && low.isOpen && !lowBefore.isOpen)) {
    found.push(`${path}/minimum: is ${low.at} now`)
  }
  const [high, highBefore] = [highest(reader), highest(writer)]
  if (high.at < highBefore.at || (high.at === highBefore.at && high.isOpen && !highBefore.isOpen)) {
    found.push(`${path}/maximum: is ${high.at} now`)
  }
  const [step, stepBefore] = [reader.multipleOf, writer.multipleOf]
  if (typeof step === 'number' && !(typeof stepBefore === 'number' && stepBefore % step === 0)) {
    found.push(`${path}/multipleOf: is ${step} now`)
  }
  if (number(reader.minLength, 0) > number(writer.minLength, 0)) found.push(`${path}/minLength: is more now`)
  if (number(reader.maxLength, Infinity) < number(writer.maxLength, Infinity)) {
    found.push(`${path}/maxLength: is less now`)
  }
  if (reader.pattern !== undefined && reader.pattern !== writer.pattern) found.push(`${path}/pattern: is another now`)
  return found
}

/** One end of an interval; open: the end itself is outside. */
interface End {
  readonly at: number
  readonly isOpen: boolean
}

function lowest({ minimum, exclusiveMinimum }: Bounds): End {
  const [closed, open] = [number(minimum, -Infinity), number(exclusiveMinimum, -Infinity)]
  return open >= closed && open > -Infinity ? { at: open, isOpen: true } : { at: closed, isOpen: false }
}

function highest({ maximum, exclusiveMaximum }: Bounds): End {
  const [closed, open] = [number(maximum, Infinity), number(exclusiveMaximum, Infinity)]
  return open <= closed && open < Infinity ? { at: open, isOpen: true } : { at: closed, isOpen: false }
}

function number(value: unknown, byDefault: number): number {
  return typeof value === 'number' ? value : byDefault
}
