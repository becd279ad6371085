export { zodSerde } from '@millrace/serdes/zod'
