// CreateAcls (30), versions 1–3
// Behaviour
//   * Refused: the access-control list is the configuration file's. POLICY_VIOLATION, or SECURITY_DISABLED without a list.
// Version notes
//   * v2: flexible.
// Skipped
//   * Everything else.

import { createAclsApi } from '@millrace/kafka-protocol/messages'
import { aclRefusal } from '../acl-bindings.ts'
import { defineHandler } from '../handler.ts'

export const createAclsHandler = defineHandler(createAclsApi, {
  handle: (request, context) => ({ results: request.creations.map(() => aclRefusal(context)) }),
  refuse: (request, errorCode) => ({ results: request.creations.map(() => ({ errorCode })) }),
})
