// The states of a group.
//
//                  ┌──────────────────────── no member is left ────────────────────────┐
//                  ▼                                                                   │
//      first   ┌───────┐   a member joins   ┌────────────────────┐                     │
//     ───────► │ Empty │ ─────────────────► │ PreparingRebalance │ ────────────────────┘
//              └───────┘                    │ members rejoin     │ ◄──────────────────────┐
//                  │                        └────────────────────┘                        │
//                  │ deleted, or its             │ all have rejoined,        a member joins anew,
//                  │ offsets have expired        ▼ or time is up             leaves or falls silent
//                  ▼                        ┌─────────────────────┐                       │
//              ┌──────┐                     │ CompletingRebalance │ ──────────────────────┤
//              │ Dead │                     │ members sync        │                       │
//              └──────┘                     └─────────────────────┘                       │
//                                                │ the leader has synced                  │
//                                                ▼                                        │
//                                           ┌────────┐                                    │
//                                           │ Stable │ ───────────────────────────────────┘
//                                           └────────┘
//
// A group that becomes a consumer group (GroupMigration) is Dead as one of the classic protocol, from whatever state.
// Empty and Stable are settled: the log holds them. What happens between them does not reach the log.

import type { GroupState } from './group-requests.ts'

/** Where a group may go from each state. */
export const VALID_TRANSITIONS: Readonly<Record<GroupState, readonly GroupState[]>> = {
  Empty: ['PreparingRebalance', 'Dead'],
  PreparingRebalance: ['CompletingRebalance', 'Empty', 'Dead'],
  CompletingRebalance: ['Stable', 'PreparingRebalance', 'Dead'],
  Stable: ['PreparingRebalance'],
  Dead: [],
}
