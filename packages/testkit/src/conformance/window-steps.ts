import { SessionWindows, SlidingWindows, TimeWindows, UnlimitedWindows, type Windows } from '@millrace/streams-core'
import type { Step, WindowSpec } from './case-file.ts'
import type { CaseNode, NodeSerdes, WindowedNode } from './case-node.ts'

/** Windows put on a grouped stream, or on a cogroup. */
export function windowedByStep(step: Step, input: CaseNode): WindowedNode {
  if (input.kind !== 'groupedStream' && input.kind !== 'cogrouped') {
    throw new RangeError(`step ${step.id}: a ${input.kind} has no windows`)
  }
  const spec = step.window as WindowSpec
  const serdes = { keySerde: input.keySerde, valueSerde: input.valueSerde }
  if (spec.type === 'session') {
    const [keyWindow, windows] = [{ kind: 'session' } as const, sessionWindows(spec)]
    if (input.kind === 'cogrouped') {
      return { ...serdes, keyWindow, kind: 'sessionWindowedCogrouped', dsl: input.dsl.windowedBy(windows) }
    }
    const dsl = input.dsl.windowedBy(windows)
    return {
      ...serdes,
      keyWindow,
      kind: 'sessionWindowed',
      dsl: step.emit === undefined ? dsl : dsl.emitStrategy(step.emit),
    }
  }
  const windows = timeWindows(spec)
  const keyWindow: NodeSerdes['keyWindow'] = { kind: 'time', sizeMs: windowSize(windows) }
  if (input.kind === 'cogrouped') {
    return { ...serdes, keyWindow, kind: 'timeWindowedCogrouped', dsl: input.dsl.windowedBy(windows) }
  }
  const dsl = input.dsl.windowedBy(windows)
  return {
    ...serdes,
    keyWindow,
    kind: 'timeWindowed',
    dsl: step.emit === undefined ? dsl : dsl.emitStrategy(step.emit),
  }
}

function windowSize(windows: Windows | SlidingWindows): number {
  return windows instanceof SlidingWindows ? windows.timeDifferenceMs : windows.sizeMs
}

function timeWindows(spec: WindowSpec): Windows | SlidingWindows {
  switch (spec.type) {
    case 'sliding':
      return spec.grace === undefined
        ? SlidingWindows.ofTimeDifferenceWithNoGrace(spec.difference!)
        : SlidingWindows.ofTimeDifferenceAndGrace(spec.difference!, spec.grace)
    case 'unlimited':
      return spec.start === undefined ? UnlimitedWindows.of() : UnlimitedWindows.of().startOn(spec.start)
    default: {
      const windows =
        spec.grace === undefined
          ? TimeWindows.ofSizeWithNoGrace(spec.size!)
          : TimeWindows.ofSizeAndGrace(spec.size!, spec.grace)
      return spec.advance === undefined ? windows : windows.advanceBy(spec.advance)
    }
  }
}

function sessionWindows(spec: WindowSpec): SessionWindows {
  return spec.grace === undefined
    ? SessionWindows.ofInactivityGapWithNoGrace(spec.gap!)
    : SessionWindows.ofInactivityGapAndGrace(spec.gap!, spec.grace)
}
