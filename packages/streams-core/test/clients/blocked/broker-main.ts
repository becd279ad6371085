import { startBroker } from '@millrace/broker'

// A broker in a process of its own, until its input ends. Its first line is its address.

const broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
broker.engine.createTopic({ name: 't', partitions: 1, configs: {} })
process.stdout.write(`${broker.address}\n`)
process.stdin.resume()
process.stdin.once('end', () => void broker.close())
