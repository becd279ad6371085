// Writes the API reference, a page for each entry of the package `millrace`, from the built declarations and their docstrings.
//
//   npm run api            builds, and writes docs/api/*.md
//   npm run api -- --check fails if a page is not what the code says, or if a public name has no docstring

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const here = import.meta.dirname
const root = join(here, '../..')
const isCheck = process.argv.includes('--check')

execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/millrace'], {
  cwd: root,
  stdio: 'inherit',
})

const texts = new Map()
function textOf(file) {
  if (!texts.has(file)) texts.set(file, readFileSync(file, 'utf8'))
  return texts.get(file)
}

/** The declaration file behind a specifier of an import in `from`. */
function resolve(specifier, from) {
  if (specifier.startsWith('.')) return join(dirname(from), specifier.replace(/\.[jt]s$/, '.d.ts'))
  const [, name, entry = ''] = /^@millrace\/([^/]+)(\/.*)?$/.exec(specifier) ?? []
  if (name === undefined) return undefined
  const folder = join(root, 'packages', name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, exports[`.${entry}`].types)
}

/** Names that a file exports, with the file and name that each comes from. */
function exportsOf(file) {
  const found = []
  for (const [, list, specifier] of textOf(file).matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)';/gm)) {
    for (const item of list.split(',')) {
      const [, source, alias] = /^\s*(?:type )?([\w$]+)(?: as ([\w$]+))?\s*$/.exec(item) ?? []
      if (source !== undefined) found.push({ name: alias ?? source, source, specifier })
    }
  }
  for (const [, name] of textOf(file).matchAll(declarationStart)) found.push({ name, source: name })
  return found
}

const declarationStart = /^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const|let) ([\w$]+)/gm

/** Follows re-exports to the place of the declaration. */
function origin(file, name) {
  const own = exportsOf(file).find((one) => one.name === name)
  if (own === undefined) return undefined
  if (own.specifier === undefined) return { file, name: own.source }
  const next = resolve(own.specifier, file)
  return next === undefined ? { external: own.specifier, name: own.source } : origin(next, own.source)
}

/** The declaration's text and docstring; overloads of a function together. */
function declarationOf(file, name) {
  const text = textOf(file)
  const start = new RegExp(
    `^export (?:declare )?(?:abstract )?(class|interface|type|function|const|let) ${name.replace('$', '\\$')}(?![\\w$])`,
    'gm',
  )
  const parts = []
  let doc
  let kind
  for (const match of text.matchAll(start)) {
    kind ??= match[1]
    doc ??= docBefore(text, match.index)
    parts.push(text.slice(match.index, endOf(text, match.index)))
  }
  return { kind, doc, code: parts.join('\n') }
}

function docBefore(text, index) {
  const before = text.slice(0, index).trimEnd()
  if (!before.endsWith('*/')) return undefined
  return before.slice(before.lastIndexOf('/**'))
}

/** The end of a statement: a semicolon or closing brace outside of all brackets, comments and texts. */
function endOf(text, index) {
  let depth = 0
  for (let at = index; at < text.length; at += 1) {
    if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 1
    else if (text.startsWith('//', at)) at = text.indexOf('\n', at)
    else if (/['"`]/.test(text[at])) at = text.indexOf(text[at], at + 1)
    else if ('{(['.includes(text[at])) depth += 1
    else if (')]'.includes(text[at])) depth -= 1
    else if (text[at] === '}') {
      depth -= 1
      if (depth === 0 && /^\n(?!\s*[|&])/.test(text.slice(at + 1))) return at + 1
    } else if (text[at] === ';' && depth === 0) return at + 1
  }
  return text.length
}

/** A docstring as Markdown. */
function prose(doc) {
  return (
    doc
      .replace(/^\/\*\*|\*\/$/g, '')
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
      .join('\n')
      // Not `ts`: examples of docstrings are parts of programs, which the check of the pages' code would not compile.
      .replace(/^```ts$/gm, '```typescript')
      .replace(/\{@link ([^}]+)\}/g, '`$1`')
      .replace(/^@see (.*)$/gm, '*Java:* $1')
      .replace(/@see (.*?)$/gm, '*Java:* $1')
      .replace(/^@throws (.*)$/gm, '*Throws:* $1')
      .replace(/@throws (.*?)$/gm, '*Throws:* $1')
      .trim()
  )
}

function pageOf(entry, file) {
  const without = []
  const external = []
  const rows = exportsOf(file)
    .map(({ name }) => ({ name, from: origin(file, name) }))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
  const parts = []
  for (const { name, from } of rows) {
    if (from.external !== undefined) {
      external.push(`\`${name}\` of \`${from.external}\``)
      continue
    }
    const { kind, doc, code } = declarationOf(from.file, from.name)
    if (doc === undefined) without.push(`${entry}: ${name}`)
    const shown = code
      .replace(/^export (declare )?/gm, '')
      .replace(/^\s*#private;\n/gm, '')
      .replace(/^\s*private .*;\n/gm, '')
    parts.push(
      `## ${name}\n\n${kind}\n\n${doc === undefined ? '' : `${prose(doc)}\n\n`}\`\`\`typescript\n${shown}\n\`\`\`\n`,
    )
  }
  const others = external.length === 0 ? '' : `\nPassed on as they are: ${external.join(', ')}.\n`
  const text = `# ${entry}\n\nGenerated by \`npm run api\` from the docstrings. ${rows.length} names.\n${others}\n${parts.join('\n')}`
  return { text, without }
}

const { exports } = JSON.parse(readFileSync(join(root, 'packages/millrace/package.json'), 'utf8'))
const pages = new Map()
const undocumented = []
for (const [path, { types }] of Object.entries(exports)) {
  const entry = `millrace${path.slice(1)}`
  const { text, without } = pageOf(entry, join(root, 'packages/millrace', types))
  pages.set(`${entry.replaceAll('/', '-')}.md`, text)
  undocumented.push(...without)
}
const list = [...pages].map(
  ([name, text]) => `| [${/^# (.*)$/m.exec(text)[1]}](${name}) | ${/(\d+) names/.exec(text)[1]} names |`,
)
pages.set(
  'README.md',
  `# API reference\n\nGenerated by \`npm run api\` from the docstrings.\n\n| entry | |\n|---|---|\n${list.join('\n')}\n`,
)

const problems = undocumented.map((name) => `${name} has no docstring`)
if (isCheck) {
  for (const [name, text] of pages) {
    const file = join(here, name)
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      problems.push(`${relative(root, file)} is not what the code says: npm run api`)
    }
  }
} else {
  for (const name of readdirSync(here)) if (name.endsWith('.md') && !pages.has(name)) rmSync(join(here, name))
  for (const [name, text] of pages) writeFileSync(join(here, name), text)
  console.log(`docs/api: ${pages.size} pages`)
}
for (const problem of problems) console.error(`api: ${problem}`)
if (problems.length > 0) process.exitCode = 1
