import { Serdes, StreamsBuilder, type Topology, topic } from 'millrace'

export interface Notice {
  readonly severity: 'info' | 'warning' | 'critical'
  readonly team: string
  readonly text: string
}

/** Key: the machine. */
export const notices = topic('notices', { key: Serdes.string(), value: Serdes.json<Notice>() })
export const pages = topic('pages', { key: Serdes.string(), value: Serdes.string() })
export const archive = topic('archive', { key: Serdes.string(), value: Serdes.json<Notice>() })
/** Each team reads its own topic. */
export const teamTopic = (team: string) =>
  topic(`notices-${team}`, { key: Serdes.string(), value: Serdes.json<Notice>() })

/** Sends each notice where it belongs: critical ones to the pager, all but informative ones to the team's topic, the rest to the archive. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const { keySerde, valueSerde } = archive
  builder
    .stream(notices)
    .split({ name: 'by-severity-' })
    .branch(({ severity }) => severity === 'critical', {
      name: 'critical',
      withConsumer: (critical) => {
        critical.mapValues(({ text }) => text).to(pages)
        critical.to(({ team }) => teamTopic(team).name, { keySerde, valueSerde })
      },
    })
    .branch(({ severity }) => severity === 'warning', {
      name: 'warning',
      withConsumer: (warnings) => warnings.to(({ team }) => teamTopic(team).name, { keySerde, valueSerde }),
    })
    .defaultBranch({ name: 'other', withConsumer: (other) => other.to(archive) })
  return builder.build()
}
