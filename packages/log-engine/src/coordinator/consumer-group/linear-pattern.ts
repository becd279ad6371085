import { setFlagsFromString } from 'node:v8'
import { EngineError } from '../../engine-error.ts'

let isEnabled = false

/**
 * An expression that a whole topic name must match. It is run in a time that grows with the length of the name, whatever the
 * expression, because expressions come from clients; Kafka uses RE2 for the same reason. Like RE2 it has no look-around and
 * no references to groups; unlike RE2 it has no flags in the expression, and no repetitions with large numbers.
 * @throws INVALID_REGULAR_EXPRESSION
 */
export function linearPattern(groupId: string, expression: string): (name: string) => boolean {
  // V8 has a second engine for this, which has to be switched on before it can be asked for.
  if (!isEnabled) setFlagsFromString('--enable-experimental-regexp-engine')
  isEnabled = true
  try {
    const pattern = new RegExp(`^(?:${expression})$`, 'l')
    // What parses with the brackets around it need not do so without them.
    new RegExp(expression, 'l')
    return (name) => pattern.test(name)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new EngineError(
      'INVALID_REGULAR_EXPRESSION',
      `Group '${groupId}' cannot subscribe to '${expression}': ${reason}. Use an expression without look-around, references and flags.`,
    )
  }
}
