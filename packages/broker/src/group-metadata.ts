import type { GroupMetadata } from '@millrace/log-engine'

/** Membership as the wire has it: generation -1 and an empty member id stand for none. */
export function groupMetadataOf(
  groupId: string,
  generationId: number,
  memberId: string,
  groupInstanceId: string | null,
): GroupMetadata {
  const instance = groupInstanceId === null ? {} : { groupInstanceId }
  return { groupId, generationId, memberId, ...instance }
}
