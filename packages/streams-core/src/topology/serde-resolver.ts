import type { Serde } from '@millrace/serdes'
import { TopologyError } from '../errors.ts'
import type { SerdeRef } from './serde-ref.ts'
import type { TopologySettings } from './topology-settings.ts'

/**
 * Finds the serde for a place that needs one:
 *
 *   given in the last argument or passed down the chain  →  the configuration's default  →  implied by an operator above
 */
export class SerdeResolver {
  readonly #settings: TopologySettings

  constructor(settings: TopologySettings) {
    this.#settings = settings
  }

  /** @throws TopologyError naming the operator, and what to give */
  resolve(ref: SerdeRef, component: 'key' | 'value', operatorName: string): Serde<unknown> {
    if ('wrap' in ref) return ref.wrap(this.resolve(ref.of, ref.component, operatorName))
    const { defaultKeySerde, defaultValueSerde } = this.#settings
    const serde = ref.given ?? (component === 'key' ? defaultKeySerde : defaultValueSerde) ?? ref.implied
    if (serde !== undefined) return serde
    throw new TopologyError(
      `'${operatorName}' has ${component}s without a serde: no operator above gives one. Give ${component}Serde in its last argument, or default.${component}.serde in the configuration of the StreamsBuilder.`,
    )
  }
}
