import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// Names are listed by hand, so that what is public is seen in a diff; here none is forgotten.

test.each(['streams-core', 'serdes'])('every public name of %s is one of millrace', (name) => {
  const ours = new Set(exportedNames('../src/index.ts'))
  expect(exportedNames(`../../${name}/src/index.ts`).filter((exported) => !ours.has(exported))).toEqual([])
})

test('every public name of the test kit is one of millrace/test', () => {
  const ours = new Set(exportedNames('../src/test.ts'))
  expect(exportedNames('../../testkit/src/index.ts').filter((exported) => !ours.has(exported))).toEqual([])
})

function exportedNames(path: string): readonly string[] {
  const text = readFileSync(new URL(path, import.meta.url), 'utf8').replaceAll(/\/\/.*$/gm, '')
  return [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) =>
    list!
      .split(',')
      .map((item) =>
        item
          .trim()
          .replace(/^type /, '')
          .replace(/^.* as /, ''),
      )
      .filter((item) => item !== ''),
  )
}
