import type { SubscribedMember } from '../../clients/group/group-assignor.ts'
import type { StreamsSubscription } from './streams-protocol.ts'

/** A member with what it says of itself. */
export type StreamsMember = SubscribedMember & StreamsSubscription

/** Why a member is refused, by its id. */
export type Refusals = ReadonlyMap<string, string>

/**
 * Who of a group belongs to another application: members that share no topic, directly or by way of others, with those that have the most
 * tasks. During a rolling restart with a changed topology the members share topics, and nobody is refused.
 * `own`: the process id of the one that assigns, which decides where nobody has a task yet.
 */
export function strangersAmong(groupId: string, members: readonly StreamsMember[], own: string): Refusals {
  const applications = bySharedTopics(members)
  if (applications.length < 2) return new Map()
  const [first, ...others] = applications.sort((a, b) => weightOf(b, own) - weightOf(a, own))
  const refused = others.flat().map(({ memberId, topics }) => {
    const text = `Another application has the application.id '${groupId}' already: it reads ${topicsOf(first!)}, and this one ${topics.join(', ')}. Give this one another application.id; if it is to take the other one's place, stop all instances of that first.`
    return [memberId, text] as const
  })
  return new Map(refused)
}

/** What members run that others cannot, as one line; undefined: all can run the same. It passes with a rolling restart. */
export function topologyMismatch(groupId: string, members: readonly StreamsMember[]): string | undefined {
  const byTopology = new Map<string, string>()
  const saysAll = members.every(({ subtopologies }) => subtopologies !== undefined)
  for (const member of members) byTopology.set(topologyOf(member, saysAll), member.memberId)
  if (byTopology.size < 2) return undefined
  const all = [...byTopology].map(([topology, memberId]) => `${memberId} reads ${topology}`).join('; ')
  return `The members of group '${groupId}' run different topologies: ${all}. A member gets tasks of those subtopologies only that it has with the same topics. After a rolling restart to one topology this ends by itself.`
}

/** A member without topics, such as one whose pattern matches none yet, belongs to none. */
function bySharedTopics(members: readonly StreamsMember[]): StreamsMember[][] {
  let applications: { topics: Set<string>; members: StreamsMember[] }[] = []
  for (const member of members) {
    if (member.topics.length === 0) continue
    const shared = applications.filter(({ topics }) => member.topics.some((topic) => topics.has(topic)))
    applications = applications.filter((one) => !shared.includes(one))
    applications.push({
      topics: new Set([...shared.flatMap(({ topics }) => [...topics]), ...member.topics]),
      members: [...shared.flatMap((one) => one.members), member],
    })
  }
  return applications.map((one) => one.members)
}

/** Tasks count; where there are none, the one that assigns. */
function weightOf(members: readonly StreamsMember[], own: string): number {
  const owned = members.reduce((sum, { ownedPartitions }) => sum + ownedPartitions.length, 0)
  return owned * 2 + (members.some(({ processId }) => processId === own) ? 1 : 0)
}

function topicsOf(members: readonly StreamsMember[]): string {
  return [...new Set(members.flatMap(({ topics }) => topics))].sort().join(', ')
}

/** By subtopology, where all members say it. */
function topologyOf({ subtopologies, topics }: StreamsMember, bySubtopology: boolean): string {
  if (subtopologies === undefined || !bySubtopology) return [...topics].sort().join(', ')
  return subtopologies.map((sources) => `(${[...sources].sort().join(', ')})`).join(' ')
}
