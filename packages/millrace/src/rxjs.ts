export {
  FeedOverflowError,
  fromObservable,
  type ObservableOptions,
  observeMetrics,
  observeRestore,
  observeState,
  type RestoreProgress,
  toObservable,
} from '@millrace/edges/rxjs'
