/** The known name that is most like the one given; undefined when none is near: more than a third of it would have to change. */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Math.floor(given.length / 3) + 1
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name, least)
    if (distance >= least) continue
    least = distance
    nearest = name
  }
  return nearest
}

/** How many letters have to be put in, left out or replaced (Levenshtein); `bound` or more where it is not less. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound
  let before = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, before[j]! + 1, row[j - 1]! + 1))
    }
    before = row
  }
  return before[b.length]!
}
