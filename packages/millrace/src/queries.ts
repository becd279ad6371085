export {
  type AskManyOptions,
  type AskOptions,
  type AskTimesOptions,
  type QueryClient,
  type QueryClientOptions,
  type QueryEntries,
  type QueryEntry,
  QueryServiceError,
  queryClient,
  type StoreDescription,
  type StoreTypes,
  type StoreUpdate,
} from '@millrace/streams-core/query-client'
export {
  type AccessOptions,
  type QueryService,
  type QueryServiceOptions,
  serveQueries,
} from '@millrace/streams-core/query-service'
