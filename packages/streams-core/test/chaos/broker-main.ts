import { startBroker } from '@millrace/broker'

// For the chaos test: a broker in a process of its own.
//
//   node dist/broker-main.js DIR PORT

const [dir, port] = process.argv.slice(2) as [string, string]
const configs = { 'group.min.session.timeout.ms': '500', 'group.initial.rebalance.delay.ms': '100' }
const broker = await startBroker({ dir, port: Number(port), configs })
process.once('SIGTERM', () => void broker.close())
process.stdout.write(`${broker.address}\n`)
