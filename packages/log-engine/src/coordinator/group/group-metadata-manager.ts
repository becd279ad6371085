import { ClassicGroup } from './classic-group.ts'
import type { GroupRecord } from './group-records.ts'

/** The groups that have or had members, or are about to. */
export class GroupMetadataManager {
  readonly #groups = new Map<string, ClassicGroup>()

  get(groupId: string): ClassicGroup | undefined {
    return this.#groups.get(groupId)
  }

  getOrCreate(groupId: string): ClassicGroup {
    const group = this.#groups.get(groupId) ?? new ClassicGroup(groupId)
    this.#groups.set(groupId, group)
    return group
  }

  all(): Iterable<ClassicGroup> {
    return this.#groups.values()
  }

  /** Takes in a record of a group; null: the group is gone. */
  replay(groupId: string, record: GroupRecord | null): void {
    if (record !== null) {
      this.getOrCreate(groupId).settle(record)
      return
    }
    this.#groups.get(groupId)?.die()
    this.#groups.delete(groupId)
  }

  /** Forgets a group of which nothing came: nobody has joined and the log knows nothing of it. */
  dropIfUnused(group: ClassicGroup): void {
    if (group.isInLog || group.state !== 'Empty' || group.pendingMembers.size > 0) return
    group.die()
    this.#groups.delete(group.groupId)
  }
}
