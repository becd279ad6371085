import { resultStore } from './topology.ts'

/** A page that shows the table, and each change as it is committed. No library: an EventSource and a list. */
export const page = `<!doctype html>
<meta charset="utf-8">
<title>Votes</title>
<link rel="icon" href="data:,">
<style>body{font:18px system-ui;margin:3em}td{padding:.2em 1em}td+td{text-align:right}</style>
<h1>Votes</h1>
<table id="results"></table>
<script type="module">
const rows = new Map()
const show = () => {
  const sorted = [...rows].sort(([, a], [, b]) => b - a)
  document.querySelector('#results').replaceChildren(...sorted.map(([option, count]) => {
    const row = document.createElement('tr')
    for (const text of [option, count]) row.insertCell().textContent = text
    return row
  }))
}
const put = ({ key, value }) => { if (value === null) rows.delete(key); else rows.set(key, value) }
const changed = new Set()
const updates = new EventSource('/stores/${resultStore}/updates')
updates.addEventListener('change', ({ data }) => {
  const change = JSON.parse(data)
  changed.add(change.key)
  put(change)
  show()
})
// What the table holds is asked for once changes are heard, so that none is lost in between.
updates.addEventListener('open', async () => {
  changed.clear()
  const { entries } = await (await fetch('/stores/${resultStore}/range')).json()
  for (const entry of entries) if (!changed.has(entry.key)) put(entry)
  show()
})
</script>
`
