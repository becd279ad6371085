import { runWorkers } from 'millrace'

// Runs app.ts on several cores: WORKERS, or as many as there are. Ends at SIGTERM or Ctrl-C, when each worker has committed.

const given = process.env['WORKERS']
const pool = runWorkers(new URL(import.meta.url.endsWith('.ts') ? './app.ts' : './app.js', import.meta.url), {
  ...(given === undefined ? {} : { workers: Number(given) }),
  onStatus: ({ state, workers, brokers }) => {
    const each = workers.map((worker) => `${worker.worker}: ${worker.state ?? 'not running'}`).join(', ')
    process.stdout.write(`${state} (${each})${brokers.length === 0 ? '' : ` on ${brokers.join(', ')}`}\n`)
  },
})
await pool.stopped
