import { expect, test } from 'vitest'
import { runCommand } from '../src/command-line.ts'

function run(...args: string[]) {
  const printed: string[] = []
  const complained: string[] = []
  const code = runCommand(args, { print: (text) => printed.push(text), complain: (text) => complained.push(text) })
  return { code, printed: printed.join('\n'), complained: complained.join('\n') }
}

test('--help shows the usage, --version the version', () => {
  expect(run('--help')).toMatchObject({ code: 0, complained: '' })
  expect(run('--help').printed).toContain('usage: millrace')
  expect(run('--version').printed).toMatch(/^\d+\.\d+\.\d+$/)
})

test('an unknown command is one line on standard error, and exit code 2', () => {
  expect(run('frobnicate', '-x')).toEqual({
    code: 2,
    printed: '',
    complained: "millrace: unknown command 'frobnicate -x'; see millrace --help",
  })
})
