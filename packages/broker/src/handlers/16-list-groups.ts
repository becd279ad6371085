// ListGroups (16), versions 0–5
// Behaviour
//   * The groups that the client may describe.
// Version notes
//   * v4+: by state.  * v5+: by type; all groups are classic.
// Skipped
//   * Groups of other protocols: there are none.

import { errorCodes } from '@millrace/kafka-protocol'
import { listGroupsApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'

export const listGroupsHandler = defineHandler(listGroupsApi, {
  handle({ statesFilter, typesFilter }, context) {
    const types = typesFilter.map((type) => type.toLowerCase())
    if (types.length > 0 && !types.includes('classic')) return { errorCode: errorCodes.NONE, groups: [] }
    const groups = context.engine.groups.list(statesFilter.length === 0 ? undefined : statesFilter)
    return {
      errorCode: errorCodes.NONE,
      groups: groups
        .filter(({ groupId }) => context.allows('describe', 'group', groupId))
        .map(({ groupId, protocolType, state }) => ({
          groupId,
          protocolType,
          groupState: state,
          groupType: 'classic',
        })),
    }
  },
  refuse: (_request, errorCode) => ({ errorCode, groups: [] }),
})
