export { FeedOverflowError, fromObservable, type ObservableOptions } from './from-observable.ts'
export { observeMetrics, observeRestore, observeState, type RestoreProgress } from './observe.ts'
export { toObservable } from './to-observable.ts'
