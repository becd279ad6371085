import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { handlers } from '../src/handlers/index.ts'

// docs/protocol-support.md is written from the handlers: `npx vitest run packages/broker/test/protocol-support.test.ts -u`.

const folder = new URL('../src/handlers/', import.meta.url)
const files = readdirSync(folder).filter((name) => /^\d\d-/.test(name))

interface HandlerHeader {
  readonly title: string
  readonly behaviour: readonly string[]
  readonly versionNotes: readonly string[]
  readonly skipped: readonly string[]
}

/** Reads the comment with which a handler begins: title, Behaviour, Version notes, Skipped. */
function headerOf(file: string): HandlerHeader {
  const lines = readFileSync(new URL(file, folder), 'utf8').split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  const [title = '', ...rest] = lines.slice(0, end).map((line) => line.slice(3))
  const section = (name: string): string[] => {
    const from = rest.indexOf(name) + 1
    expect(from, `${file} has a section ${name}`).toBeGreaterThan(0)
    const items: string[] = []
    for (const line of rest.slice(from)) {
      if (line.startsWith('  * ')) items.push(line.slice(4))
      else if (line.startsWith('    ')) items.push(`${items.pop()} ${line.trim()}`)
      else break
    }
    expect(items.length, `${file}: ${name}`).toBeGreaterThan(0)
    return items
  }
  return { title, behaviour: section('Behaviour'), versionNotes: section('Version notes'), skipped: section('Skipped') }
}

const served = [...handlers].sort((a, b) => a.api.key - b.api.key)

test('every handler has its file, named by key and name, and its header says the versions that are served', () => {
  expect(files).toHaveLength(served.length)
  for (const { api, minVersion, maxVersion } of served) {
    const kebab = api.name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
    const file = `${String(api.key).padStart(2, '0')}-${kebab}.ts`
    expect(files).toContain(file)
    const versions = minVersion === maxVersion ? `version ${minVersion}` : `versions ${minVersion}–${maxVersion}`
    expect(headerOf(file).title).toBe(`${api.name} (${api.key}), ${versions}`)
  }
})

test('docs/protocol-support.md is current', async () => {
  const rows = served.map(({ api, minVersion, maxVersion }) => {
    const flexible = Number.isFinite(api.flexibleFrom) ? `${api.flexibleFrom}` : '–'
    return `| ${api.key} | ${api.name} | ${minVersion}–${maxVersion} | ${flexible} |`
  })
  const sections = files.map((file) => {
    const { title, behaviour, versionNotes, skipped } = headerOf(file)
    const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join('\n')
    const left = skipped.join() === 'Nothing.' ? '' : `\n\nLeft out:\n\n${list(skipped)}`
    return `### ${title}\n\n${list([...behaviour, ...versionNotes])}${left}`
  })
  const page = `# The protocol that the broker speaks

Generated from the handlers in \`packages/broker/src/handlers\`; what is left out altogether is in
\`packages/broker/src/SKIPPED.md\`. "Flexible" is the first version with compact lengths and tagged fields.

| key | API | versions | flexible |
|---|---|---|---|
${rows.join('\n')}

## Notes

${sections.join('\n\n')}
`
  await expect(page).toMatchFileSnapshot('../../../docs/protocol-support.md')
})
