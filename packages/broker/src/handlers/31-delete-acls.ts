// DeleteAcls (31), versions 1–3
// Behaviour
//   * Refused: the access-control list is the configuration file's. POLICY_VIOLATION, or SECURITY_DISABLED without a list.
// Version notes
//   * v2: flexible.
// Skipped
//   * Everything else.

import { deleteAclsApi } from '@millrace/kafka-protocol/messages'
import { aclRefusal } from '../acl-bindings.ts'
import { defineHandler } from '../handler.ts'

export const deleteAclsHandler = defineHandler(deleteAclsApi, {
  handle: (request, context) => ({
    filterResults: request.filters.map(() => ({ ...aclRefusal(context), matchingAcls: [] })),
  }),
  refuse: (request, errorCode) => ({ filterResults: request.filters.map(() => ({ errorCode, matchingAcls: [] })) }),
})
