export { fromAsyncIterable, fromReadableStream, type PullOptions } from './from-async-iterable.ts'
export type { InputOptions } from './input-options.ts'
export type { OutputOptions, OutputRecord } from './output-edge.ts'
export { toAsyncIterable, toReadableStream } from './to-async-iterable.ts'
