import type { KafkaClientSupplier, Producer } from 'millrace'
import { runJob } from './job.ts'
import { readOptions } from './options.ts'
import { streamOutput } from './output.ts'

// For crash.test.ts: the job, which kills itself at a chosen commit of the application.
//
//   node dist/crash-main.js open-transaction|after-commit NUMBER --dir DIR
//
// open-transaction: everything of the transaction is in the log, and nothing says that it is committed.
// after-commit:     the transaction is committed, and the stores' batches are not written.

const [point, number, ...rest] = process.argv.slice(2)

await runJob(readOptions(rest)!, streamOutput(process.stdout), { wrapClients: dying })

function dying(clients: KafkaClientSupplier): KafkaClientSupplier {
  return { ...clients, producer: (options) => dyingProducer(clients.producer(options)) }
}

function dyingProducer(producer: Producer): Producer {
  let commits = 0
  const commitTransaction = async () => {
    commits++
    const isTime = commits === Number(number)
    if (isTime && point === 'open-transaction') {
      await producer.flush()
      process.kill(process.pid, 'SIGKILL')
    }
    await producer.commitTransaction()
    if (isTime && point === 'after-commit') process.kill(process.pid, 'SIGKILL')
  }
  return new Proxy(producer, {
    get(target, name) {
      if (name === 'commitTransaction') return commitTransaction
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
