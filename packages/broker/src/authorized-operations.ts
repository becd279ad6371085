import type { Operation, ResourceType } from './acl.ts'
import type { RequestContext } from './request-context.ts'

/** What an answer says when the client has not asked for its operations. */
export const operationsNotAsked = -2147483648

/** Kafka's operations (bit numbers) of each kind of resource, and the permission here that grants them. */
const operationBits: Readonly<Partial<Record<ResourceType, readonly (readonly [number, Operation])[]>>> = {
  topic: [
    [3, 'read'],
    [4, 'write'],
    [5, 'create'],
    [6, 'delete'],
    [7, 'alter'],
    [8, 'describe'],
    [10, 'describe'],
    [11, 'alter'],
  ],
  group: [
    [3, 'read'],
    [6, 'delete'],
    [8, 'describe'],
    [10, 'describe'],
    [11, 'alter'],
  ],
  cluster: [
    [5, 'create'],
    [7, 'alter'],
    [8, 'describe'],
    [10, 'describe'],
    [11, 'alter'],
    [12, 'write'],
  ],
}

/** The operations that the client may do, one bit each (Kafka's `AclOperation` codes). */
export function authorizedOperations(context: RequestContext, type: ResourceType, name: string): number {
  let bits = 0
  for (const [bit, operation] of operationBits[type] ?? []) {
    if (context.allows(operation, type, name)) bits |= 1 << bit
  }
  return bits
}
