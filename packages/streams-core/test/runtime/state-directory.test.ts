import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LockError, StreamsConfigError } from '../../src/errors.ts'
import { StateDirectory } from '../../src/runtime/state-directory.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('the process id stays the same over restarts', () => {
  const directory = new StateDirectory(root, 'app')
  const processId = directory.open()
  directory.close()
  expect(new StateDirectory(root, 'app').open()).toBe(processId)
})

test('a second instance is refused while the first runs', () => {
  const directory = new StateDirectory(root, 'app')
  directory.open()
  expect(() => new StateDirectory(root, 'app').open()).toThrow(LockError)
  directory.close()
  new StateDirectory(root, 'app').open()
})

test('the lock of a process that is gone is taken over', () => {
  mkdirSync(join(root, 'app'))
  writeFileSync(join(root, 'app', '.lock'), '999999999 1 1')
  new StateDirectory(root, 'app').open()
  expect(readFileSync(join(root, 'app', '.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `))
})

test('a directory with something else in it is refused, and nothing in it is changed', () => {
  mkdirSync(join(root, 'app'))
  writeFileSync(join(root, 'app', 'diary.txt'), 'mine')
  expect(() => new StateDirectory(root, 'app').open()).toThrow(StreamsConfigError)
  expect(() => new StateDirectory(root, 'app').clean()).toThrow(StreamsConfigError)
})

test('the directory of another application is refused', () => {
  const directory = new StateDirectory(root, 'app')
  directory.open()
  directory.close()
  const identity = join(root, 'app', 'process.json')
  writeFileSync(identity, readFileSync(identity, 'utf8').replace('"app"', '"other"'))
  expect(() => directory.open()).toThrow("belongs to application 'other'")
})

test('clean removes the state of tasks and nothing else', () => {
  const directory = new StateDirectory(root, 'app')
  const processId = directory.open()
  mkdirSync(join(root, 'app', '0_1'))
  expect(directory.taskIds()).toEqual(['0_1'])
  directory.close()
  directory.clean()
  expect(directory.open()).toBe(processId)
  expect(directory.taskIds()).toEqual([])
})
