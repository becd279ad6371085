import type { LogEngine } from '@millrace/log-engine'

/** A member of an in-process group, as the registry sees it. */
export interface GroupMember {
  /** The member owns all partitions from now on. */
  onOwner(): void
}

const groups = new WeakMap<LogEngine, Map<string, GroupMember[]>>()

/**
 * Who owns the partitions of a group among the consumers of this process: the member that has been in it longest. The
 * others wait, and the next one takes over when it leaves. Joins the group; call what is returned to leave it.
 */
export function joinGroup(engine: LogEngine, groupId: string, member: GroupMember): () => void {
  let byId = groups.get(engine)
  if (byId === undefined) {
    byId = new Map()
    groups.set(engine, byId)
  }
  let members = byId.get(groupId)
  if (members === undefined) {
    members = []
    byId.set(groupId, members)
  }
  const group = members
  group.push(member)
  if (group[0] === member) member.onOwner()
  return () => {
    const at = group.indexOf(member)
    if (at < 0) return
    group.splice(at, 1)
    if (at === 0) group[0]?.onOwner()
  }
}
