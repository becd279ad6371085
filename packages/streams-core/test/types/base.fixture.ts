import { StreamsBuilder } from '@millrace/streams-core'
export const topology = new StreamsBuilder().build()
