import type { SubscribedMember } from '../../clients/group/group-assignor.ts'

/**
 * What is wrong when the members of a group read different topics, as one line; undefined: nothing. During a rolling restart with
 * another topology it passes; otherwise two applications share one id, and each has what the other does not process.
 */
export function topologyMismatch(groupId: string, members: readonly SubscribedMember[]): string | undefined {
  const byTopics = new Map<string, string>()
  for (const { topics, memberId } of members) byTopics.set([...topics].sort().join(', '), memberId)
  if (byTopics.size < 2) return undefined
  const readers = [...byTopics].map(([topics, memberId]) => `${memberId} reads ${topics}`).join('; ')
  return `The members of group '${groupId}' run different topologies: ${readers}. After a rolling restart to another topology this ends by itself; otherwise two applications have one application.id: stop one of them, and give it another.`
}
