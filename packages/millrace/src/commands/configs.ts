import { Admin, type ConfigResourceType } from '@millrace/kafka-client'
import { connectionOptions, connectionUsage, pairs, parseArguments, withCluster } from './arguments.ts'
import { type Command, UsageError } from './command.ts'
import { counted } from './counted.ts'
import { printRows } from './table.ts'

export const configsCommand: Command = {
  usage: `usage: millrace configs describe (topic NAME | broker ID) [--all]
       millrace configs alter (topic NAME | broker ID) [--set NAME=VALUE]… [--unset NAME]…

  --all                      also those that have their default
${connectionUsage}`,

  async run(args, io) {
    const parsed = parseArguments(args, {
      ...connectionOptions,
      all: { type: 'boolean' },
      set: { type: 'string', multiple: true },
      unset: { type: 'string', multiple: true },
    })
    const [action, type, name, ...more] = parsed.words
    if ((type !== 'topic' && type !== 'broker') || name === undefined || more.length > 0) {
      throw new UsageError('what is meant? topic NAME, or broker ID')
    }
    const resourceType: ConfigResourceType = type
    await withCluster(parsed, async (cluster) => {
      const admin = new Admin(cluster)
      if (action === 'describe') {
        const entries = await admin.describeConfigs(resourceType, name)
        const shown = entries.filter((entry) => parsed.flag('all') || !entry.isDefault)
        const rows = shown.map((entry) => ({
          name: entry.name,
          value: entry.value,
          source: entry.isDefault ? 'default' : 'set',
        }))
        printRows(rows, io, parsed.flag('json'))
        return
      }
      if (action !== 'alter') throw new UsageError(`unknown action '${action}'`)
      const unset = Object.fromEntries(parsed.texts('unset').map((config) => [config, null]))
      const changes = { ...pairs(parsed.texts('set'), '--set'), ...unset }
      if (Object.keys(changes).length === 0) throw new UsageError('nothing to --set or --unset')
      await admin.alterConfigs(resourceType, name, changes)
      io.print(`altered ${counted(Object.keys(changes).length, 'config')} of ${type} ${name}`)
    })
    return 0
  },
}
