export { KafkaClientError, type SaslOptions } from '@millrace/kafka-client'
export { type NativeClientOptions, nativeClientSupplier } from '@millrace/streams-core/native'
