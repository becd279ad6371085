export { type KafkaJsClientOptions, kafkaJsClientSupplier } from '@millrace/streams-core/kafkajs'
