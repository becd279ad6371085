import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { embeddedClientSupplier } from '@millrace/streams-core/embedded'
import type { Place } from './place.ts'

/** The bundled log, in this process and in memory; a new one for each case. */
export function standalonePlace(): Place {
  return {
    applicationId: (number) => `conformance-${number}`,
    async open() {
      const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
      return { clients: embeddedClientSupplier(engine), close: () => engine.close() }
    },
    close: async () => {},
  }
}
