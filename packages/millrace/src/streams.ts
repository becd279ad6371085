export {
  fromAsyncIterable,
  fromReadableStream,
  type InputOptions,
  type OutputOptions,
  type OutputRecord,
  type PullOptions,
  toAsyncIterable,
  toReadableStream,
} from '@millrace/edges/streams'
