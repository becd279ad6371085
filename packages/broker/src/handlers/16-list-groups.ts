// ListGroups (16), versions 0–5
// Behaviour
//   * The groups that the client may describe.
// Version notes
//   * v4+: by state.  * v5+: by type.
// Skipped
//   * Groups of types other than classic and consumer: there are none.

import { errorCodes } from '@millrace/kafka-protocol'
import { listGroupsApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'

export const listGroupsHandler = defineHandler(listGroupsApi, {
  handle({ statesFilter, typesFilter }, context) {
    const types = typesFilter.map((type) => type.toLowerCase())
    const groups = context.engine.groups.list(statesFilter.length === 0 ? undefined : statesFilter)
    return {
      errorCode: errorCodes.NONE,
      groups: groups
        .filter(({ type }) => types.length === 0 || types.includes(type))
        .filter(({ groupId }) => context.allows('describe', 'group', groupId))
        .map(({ groupId, protocolType, state, type }) => ({
          groupId,
          protocolType,
          groupState: state,
          groupType: type,
        })),
    }
  },
  refuse: (_request, errorCode) => ({ errorCode, groups: [] }),
})
