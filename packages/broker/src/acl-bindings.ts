import { errorCodes } from '@millrace/kafka-protocol'
import type { AclEntry, Operation, ResourceType } from './acl.ts'
import type { RequestContext } from './request-context.ts'

/** One permission in Kafka's numbers (`ResourceType`, `PatternType`, `AclOperation`). */
export interface AclBinding {
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType: number
  readonly principal: string
  readonly operation: number
}

/** Which permissions are asked for; null: any. */
export interface AclFilter {
  readonly resourceTypeFilter: number
  readonly resourceNameFilter: string | null
  readonly patternTypeFilter: number
  readonly principalFilter: string | null
  readonly hostFilter: string | null
  readonly operation: number
  readonly permissionType: number
}

const any = 1
const match = 2
const literal = 3
const prefixed = 4
/** The only permission there is. */
export const allow = 3
/** The only host there is: every one. */
export const everyHost = '*'

const resourceNumbers: Readonly<Record<ResourceType, number>> = {
  topic: 2,
  group: 3,
  cluster: 4,
  'transactional-id': 5,
}
const operationNumbers: Readonly<Record<Operation | 'all', number>> = {
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
}

/** The access-control list as Kafka's tools see it: one binding for each operation of each line. */
export function aclBindings(entries: readonly AclEntry[]): AclBinding[] {
  return entries.flatMap(({ principal, resource, name, operations }) => {
    const isPrefix = name.length > 1 && name.endsWith('*')
    const ownName = isPrefix ? name.slice(0, -1) : name
    const pattern = {
      resourceType: resourceNumbers[resource],
      resourceName: resource === 'cluster' ? 'kafka-cluster' : ownName,
      patternType: isPrefix ? prefixed : literal,
    }
    return operations.map((operation) => ({ ...pattern, principal, operation: operationNumbers[operation] }))
  })
}

export function matchesFilter(binding: AclBinding, filter: AclFilter): boolean {
  return (
    (filter.resourceTypeFilter === any || filter.resourceTypeFilter === binding.resourceType) &&
    matchesPattern(binding, filter) &&
    (filter.principalFilter === null || filter.principalFilter === binding.principal) &&
    (filter.hostFilter === null || filter.hostFilter === everyHost) &&
    (filter.operation === any || filter.operation === binding.operation) &&
    (filter.permissionType === any || filter.permissionType === allow)
  )
}

function matchesPattern({ resourceName, patternType }: AclBinding, filter: AclFilter): boolean {
  const { resourceNameFilter: name, patternTypeFilter: type } = filter
  if (type !== any && type !== match && type !== patternType) return false
  if (name === null || name === resourceName) return true
  if (type !== match) return false
  return patternType === prefixed ? name.startsWith(resourceName) : resourceName === '*'
}

/** Why the list cannot be changed by requests, or cannot be seen. */
export function aclRefusal(context: RequestContext): { readonly errorCode: number; readonly errorMessage: string } {
  if (context.broker.acls === undefined) {
    const errorMessage = 'There is no access-control list: everybody may do everything.'
    return { errorCode: errorCodes.SECURITY_DISABLED, errorMessage }
  }
  if (!context.allows('alter', 'cluster', '*')) {
    return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, errorMessage: 'May not alter the cluster.' }
  }
  const errorMessage =
    'The access-control list is the configuration file’s: change it there and start the broker again.'
  return { errorCode: errorCodes.POLICY_VIOLATION, errorMessage }
}
