export { type MessagePackOptions, messagePackSerde } from '@millrace/serdes/msgpack'
