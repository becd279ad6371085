import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../packages/millrace/src/commands/index.ts'
import { files, root } from './repository.ts'

// What pages tell people to type exists: commands of `millrace` with their options, scripts of npm, examples.

const pages = files(/\.md$/)

/** Each match on the pages, with its place. */
function typed(expression: RegExp): readonly (readonly [place: string, ...groups: string[]])[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(expression)].map(
      ({ index, ...groups }) =>
        [`${path}:${text.slice(0, index).split('\n').length}`, ...Object.values(groups).slice(1)] as [
          string,
          ...string[],
        ],
    ),
  )
}

test('commands of millrace have the names and options that pages give them', async () => {
  const wrong: string[] = []
  const found = typed(/(?:npx |`)millrace ([a-z][a-z-]*)([^`\n#|]*)/g)
  for (const [place, name, rest] of found) {
    const command = await commands[name!]?.load()
    if (command === undefined) wrong.push(`${place}: no command ${name}`)
    for (const [option] of rest!.matchAll(/--[a-z-]+/g)) {
      if (!(command?.usage.includes(option) ?? true)) wrong.push(`${place}: millrace ${name} has no ${option}`)
    }
  }
  expect(found.length).toBeGreaterThan(10)
  expect(wrong).toEqual([])
})

test('scripts of npm, and examples, are there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  const unknown = typed(/npm run (?:--silent )?([a-z:-]+)/g).filter(([, name]) => !Object.hasOwn(scripts, name!))
  expect(unknown).toEqual([])
  const examples = typed(/npm run example -- ([a-z][a-z-]*)/g)
  expect(examples.filter(([, name]) => !existsSync(join(root, 'examples', name!, 'main.ts')))).toEqual([])
  expect(examples.length).toBeGreaterThan(12)
})
