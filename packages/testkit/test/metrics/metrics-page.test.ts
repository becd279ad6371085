import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// docs/metrics.md names every figure, with its level, in the section of its group.

type Names = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
const java = JSON.parse(readFileSync(new URL('java-metrics.json', import.meta.url), 'utf8')) as Record<string, Names>
const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')

/** `<group> <level> <name>` of each row. */
function documented(): ReadonlySet<string> {
  const found = new Set<string>()
  for (const section of page.split(/^## /m)) {
    const [group] = section.split('\n')
    for (const [, names, level] of section.matchAll(/^\| (`[^|]+`) \| (INFO|DEBUG|TRACE) \|/gm)) {
      for (const [, name] of names!.matchAll(/`([^`]+)`/g)) found.add(`${group} ${level} ${name}`)
    }
  }
  return found
}

test('every figure of Java is on the page, with its group and level', () => {
  const listed = Object.values(java).flatMap((where) =>
    Object.entries(where).flatMap(([place, levels]) =>
      Object.entries(levels).flatMap(([level, names]) =>
        names.map((name) => `${place.split(' ')[0]} ${level} ${name}`),
      ),
    ),
  )
  const known = documented()
  expect([...new Set(listed)].filter((name) => !known.has(name))).toEqual([])
})

test('the page names nothing else but what is ours', () => {
  const listed = new Set(
    Object.values(java).flatMap((where) => Object.values(where).flatMap((l) => Object.values(l).flat())),
  )
  const ours = [
    'records-lag',
    'state-memory-bytes',
    'estimate-num-keys',
    'dropped-records-by-reason-rate',
    'dropped-records-by-reason-total',
  ]
  const names = [...documented()].map((row) => row.split(' ')[2]!)
  expect(names.filter((name) => !listed.has(name) && !ours.includes(name))).toEqual([])
})
