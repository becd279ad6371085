// DescribeAcls (29), versions 1–3
// Behaviour
//   * The lines of the access-control list that fit the filter, for those who may describe the cluster.
//   * Without a list: SECURITY_DISABLED, as Kafka answers without an authorizer.
// Version notes
//   * v2: flexible.
// Skipped
//   * Hosts and denials: every entry allows, from every host.

import { errorCodes } from '@millrace/kafka-protocol'
import { describeAclsApi, type ResponseInputOf } from '@millrace/kafka-protocol/messages'
import { aclBindings, aclRefusal, allow, everyHost, matchesFilter } from '../acl-bindings.ts'
import { defineHandler } from '../handler.ts'

type Resource = ResponseInputOf<typeof describeAclsApi>['resources'][number]

export const describeAclsHandler = defineHandler(describeAclsApi, {
  handle(request, context) {
    const { acls } = context.broker
    if (acls === undefined) return { ...aclRefusal(context), resources: [] }
    if (!context.allows('describe', 'cluster', '*')) {
      const errorMessage = 'May not describe the cluster.'
      return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, errorMessage, resources: [] }
    }
    const resources = new Map<string, Resource>()
    for (const binding of aclBindings(acls)) {
      if (!matchesFilter(binding, request)) continue
      const { resourceType, resourceName, patternType, principal, operation } = binding
      const key = `${resourceType} ${patternType} ${resourceName}`
      const known = resources.get(key)?.acls ?? []
      const entry = { principal, host: everyHost, operation, permissionType: allow }
      resources.set(key, { resourceType, resourceName, patternType, acls: [...known, entry] })
    }
    return { errorCode: errorCodes.NONE, resources: [...resources.values()] }
  },
  refuse: (_request, errorCode) => ({ errorCode, resources: [] }),
})
