import { BrokerConfigError } from './broker-error.ts'

/** What access is given to. @see org.apache.kafka.common.resource.ResourceType */
export type ResourceType = 'topic' | 'group' | 'transactional-id' | 'cluster'

/** `describe` is implied by each of the others. */
export type Operation = 'read' | 'write' | 'create' | 'describe' | 'alter' | 'delete'

/** One line of the access-control list: what `principal` may do. What no line allows is refused. */
export interface AclEntry {
  /** `User:alice`, or `User:*` for everybody. */
  readonly principal: string
  readonly resource: ResourceType
  /** A name; a prefix with `*` at its end; or `*` for all. Of `cluster` always `*`. */
  readonly name: string
  /** Or `all`. */
  readonly operations: readonly (Operation | 'all')[]
}

/** Decides who may do what. */
export interface Authorizer {
  allows(principal: string, operation: Operation, resource: ResourceType, name: string): boolean
}

/** Everybody may do everything. */
export const allowEverything: Authorizer = { allows: () => true }

const resourceTypes: readonly string[] = ['topic', 'group', 'transactional-id', 'cluster']
const operationNames: readonly string[] = ['read', 'write', 'create', 'describe', 'alter', 'delete', 'all']

/** @throws BrokerConfigError for an entry that says nothing */
export function aclAuthorizer(entries: readonly AclEntry[], superUsers: readonly string[] = []): Authorizer {
  for (const entry of entries) check(entry)
  const byPrincipal = new Map<string, AclEntry[]>()
  for (const entry of entries) {
    const own = byPrincipal.get(entry.principal)
    if (own === undefined) byPrincipal.set(entry.principal, [entry])
    else own.push(entry)
  }
  const all = new Set(superUsers)
  return {
    allows(principal, operation, resource, name) {
      if (all.has(principal)) return true
      const isAllowed = (entry: AclEntry): boolean =>
        entry.resource === resource && matches(entry.name, name) && permits(entry.operations, operation)
      return (byPrincipal.get(principal) ?? []).some(isAllowed) || (byPrincipal.get('User:*') ?? []).some(isAllowed)
    },
  }
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}

function permits(operations: AclEntry['operations'], operation: Operation): boolean {
  return operation === 'describe' ? operations.length > 0 : operations.includes('all') || operations.includes(operation)
}

function check(entry: AclEntry): void {
  const text = JSON.stringify(entry)
  if (!entry.principal.startsWith('User:')) {
    throw new BrokerConfigError(`The access-control entry ${text} needs a principal such as 'User:alice' or 'User:*'.`)
  }
  if (!resourceTypes.includes(entry.resource)) {
    throw new BrokerConfigError(`The access-control entry ${text} needs a resource: ${resourceTypes.join(', ')}.`)
  }
  const unknown = entry.operations.find((operation) => !operationNames.includes(operation))
  if (unknown !== undefined || entry.operations.length === 0) {
    throw new BrokerConfigError(
      `The access-control entry ${text} needs operations out of ${operationNames.join(', ')}.`,
    )
  }
}
