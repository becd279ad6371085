export {
  EngineError,
  type FileSystem,
  type FlushPolicy,
  LogEngine,
  type LogEngineOptions,
  memoryFileSystem,
  nodeFileSystem,
} from '@millrace/log-engine'
export { type EmbeddedClientOptions, embeddedClientSupplier } from '@millrace/streams-core/embedded'
