export { type ErrorName, errorCodes, errorName, isRetriableError } from './error-codes.ts'
