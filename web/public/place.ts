/** Where a reader is: which page, and as of which block. `#/at/120/proposals/7` is proposal 7 as block 120 had it. */
export interface Place {
  readonly parts: readonly string[]
  /** Undefined: the present. */
  readonly at: number | undefined
}

export function placeOf(parts: readonly string[]): Place {
  const [first, block, ...rest] = parts
  if (first !== 'at' || block === undefined || !/^\d{1,15}$/.test(block)) return { parts, at: undefined }
  return { parts: rest, at: Number(block) }
}

/** The fragment of a page, in the same time. */
export function hrefOf(path: string, at: number | undefined): string {
  return `#/${at === undefined ? '' : `at/${at}/`}${path}`
}
