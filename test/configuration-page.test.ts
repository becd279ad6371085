import { expect, test } from 'vitest'
import { settings } from '../packages/streams-core/src/streams-config.ts'

// docs/configuration.md is made from the settings themselves; `npx vitest run test/configuration -u` writes it anew.

test('the configuration page says what the settings are', async () => {
  await expect(page()).toMatchFileSnapshot('../docs/configuration.md')
})

function page(): string {
  const rows = Object.values(settings).map(
    ({ key, type, defaultValue, doc }) =>
      `| \`${key}\` | ${type.replaceAll('|', '\\|')} | ${shown(defaultValue)} | ${doc} |`,
  )
  return `# Configuration

Settings have Kafka's dotted names, and are given as one object:

\`\`\`ts
import { KafkaStreams, StreamsBuilder } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'

const log = await LogEngine.open({ dir: '.millrace/log' })
const builder = new StreamsBuilder()
builder.stream('in').to('out')

const settings = { 'application.id': 'copy', 'commit.interval.ms': 500 }
const streams = new KafkaStreams(builder.build(), settings, embeddedClientSupplier(log))
await streams.start()
\`\`\`

A wrong value is a \`StreamsConfigError\` that names the key and what is allowed. An unknown key causes a warning that names the
nearest known one. \`streams.appConfigs()\` gives every setting with the value that is in force.

Settings of clients have Kafka's names too. Without a prefix they are for all clients that know them; \`consumer.\`, \`producer.\` and
\`admin.\` say which; \`main.consumer.\`, \`restore.consumer.\` and \`global.consumer.\` are stronger than \`consumer.\`. Keys that begin
with \`topic.\` are configs of internal topics, such as \`topic.segment.bytes\`.

This page is made from [streams-config.ts](../packages/streams-core/src/streams-config.ts) by
\`npx vitest run test/configuration -u\`.

| key | type | default | |
|---|---|---|---|
${rows.join('\n')}
`
}

/** A default as it would be written down; functions by what they are called. */
function shown(value: unknown): string {
  if (value === undefined || value === '') return '–'
  if (typeof value === 'function') return value.name === '' ? 'see text' : `\`${value.name}\``
  return typeof value === 'object' ? 'see text' : `\`${String(value)}\``
}
