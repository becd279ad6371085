/** One step into a value: a field's name, or an index. */
export type PathStep = PropertyKey | { readonly key: PropertyKey }

/** A path as a reader would write it: `legs[0].origin`. The empty path is `the value itself`. */
export function pathText(path: readonly PathStep[]): string {
  let text = ''
  for (const step of path) {
    const key = typeof step === 'object' ? step.key : step
    if (typeof key === 'number') text += `[${key}]`
    else text += text === '' ? String(key) : `.${String(key)}`
  }
  return text === '' ? 'the value itself' : text
}
