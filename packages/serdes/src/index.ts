export { type Header, Headers } from './headers.ts'
export type { Serde, SerdeValue } from './serde.ts'
