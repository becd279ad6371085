import { expect, test } from 'vitest'
import { commands } from '../src/commands/index.ts'
import { run } from './run.ts'

test('--help shows the usage, --version the version', async () => {
  const help = await run(['--help'])
  expect(help).toMatchObject({ code: 0, complained: '' })
  expect(help.printed).toContain('usage: millrace')
  expect((await run(['--version'])).printed).toMatch(/^\d+\.\d+\.\d+$/)
})

test('an unknown command is one line on standard error, and exit code 2', async () => {
  expect(await run(['frobnicate', '-x'])).toEqual({
    code: 2,
    printed: '',
    complained: "millrace: unknown command 'frobnicate -x'; see millrace --help",
  })
})

test.each(Object.keys(commands))('millrace %s --help shows its usage', async (name) => {
  const help = await run([name, '--help'])
  expect(help).toMatchObject({ code: 0, complained: '' })
  expect(help.printed).toContain(`usage: millrace ${name}`)
})

test.each([
  ['topics'],
  ['topics', 'frobnicate'],
  ['topics', 'create'],
  ['topics', 'list', '--no-such-option'],
  ['produce'],
  ['consume', 't', '--format', 'xml'],
  ['configs', 'describe', 'nothing', 'x'],
  ['broker', '--port', 'many'],
  ['broker', '--memory', '--dir', 'x'],
])('%s %s %s: wrong usage is one line and a hint, and exit code 2', async (...args) => {
  const ran = await run([...args, '--bootstrap', '127.0.0.1:1'].filter((arg) => arg !== undefined))
  expect(ran.code).toBe(2)
  expect(ran.printed).toBe('')
  expect(ran.complained.split('\n')).toHaveLength(2)
})

test('a cluster that cannot be reached is one line, and exit code 1', async () => {
  const ran = await run(['topics', 'delete', 't', '--bootstrap', '127.0.0.1:1'])
  expect(ran).toMatchObject({ code: 1, printed: '' })
  expect(ran.complained).toMatch(/^millrace topics: Cannot connect to 127\.0\.0\.1:1: [^\n]*$/)
})
