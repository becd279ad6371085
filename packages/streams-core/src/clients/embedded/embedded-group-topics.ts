import type { LogEngine } from '@millrace/log-engine'
import type { GroupTopics } from '../group/group-coordinator.ts'

/** The topics of an engine, for a member of a group. */
export function embeddedGroupTopics(engine: LogEngine): GroupTopics {
  return {
    async subscribed(subscription) {
      if (!(subscription instanceof RegExp)) return subscription
      return engine
        .listTopics()
        .flatMap(({ name, isInternal }) => (!isInternal && subscription.test(name) ? [name] : []))
    },
    async refresh() {},
    partitionCount: (topic) => engine.describeTopic(topic)?.partitions ?? 0,
  }
}
