// Builds and runs one example: npm run example -- NAME [ARGUMENT...]

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const [name, ...args] = process.argv.slice(2)
const names = readdirSync(here).filter((folder) => existsSync(join(here, folder, 'README.md')))

if (name === undefined || name === '--help') {
  const width = Math.max(...names.map(({ length }) => length))
  const titleOf = (example) => /^# (.*)$/m.exec(readFileSync(join(here, example, 'README.md'), 'utf8'))?.[1]
  console.log('usage: npm run example -- NAME [ARGUMENT...]\n')
  for (const example of names) console.log(`  ${example.padEnd(width)}  ${titleOf(example)}`)
} else if (names.includes(name)) {
  const tsc = join(here, '../node_modules/typescript/bin/tsc')
  const built = spawnSync(process.execPath, [tsc, '-b', join(here, name)], { stdio: 'inherit' })
  const ran =
    built.status === 0 && spawnSync(process.execPath, [join(here, name, 'dist/main.js'), ...args], { stdio: 'inherit' })
  process.exitCode = ran ? (ran.status ?? 1) : 1
} else {
  console.error(`example: there is no example '${name}'. There are: ${names.join(', ')}.`)
  process.exitCode = 1
}
