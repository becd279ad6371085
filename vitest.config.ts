import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

/** As Node resolves, which knows no condition 'module': what stands behind it need not load there. */
const conditions = ['millrace-source', 'node', 'default']
/** Tests that need a real Kafka run only where its address is given. */
const cluster = process.env['KAFKA_BOOTSTRAP'] === undefined ? ['**/test/cluster/**'] : []
/** Tests of many rounds run only where they are asked for: `npm run test:long`. */
const long = process.env['LONG_TESTS'] === undefined ? ['**/test/long/**'] : []

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'examples/*/*.test.ts',
      'benchmarks/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: [...configDefaults.exclude, ...cluster, ...long],
    testTimeout: 20_000,
    // What is waited for may take long on a busy machine; the default is a second.
    expect: { poll: { timeout: 15_000 } },
    // Test files keep no state of their own in modules: one process for many of them saves a third of the time.
    isolate: false,
    // Many tests wait for processes, timers and disks: three at a time also where there are only two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    typecheck: {
      enabled: true,
      include: ['packages/*/test/types/*.test-d.ts'],
      tsconfig: 'packages/streams-core/test/types/tsconfig.json',
    },
  },
})
