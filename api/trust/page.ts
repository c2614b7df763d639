/** One page of a list with links to the others, as EBSI's read API has it. */
export interface Page<Item> {
  readonly self: string
  readonly items: readonly Item[]
  readonly total: number
  readonly pageSize: number
  readonly links: { readonly first: string; readonly prev: string; readonly next: string; readonly last: string }
}

export interface PageQuery {
  readonly 'page[after]'?: string | undefined
  readonly 'page[size]'?: string | undefined
}

/** Cuts a page out of a list. `url` may carry a query of its own, which the links keep. */
export function pageOf<Item>(all: readonly Item[], url: string, query: PageQuery): Page<Item> {
  const size = Number(query['page[size]'] ?? 10)
  const after = Number(query['page[after]'] ?? 1)
  const last = Math.max(1, Math.ceil(all.length / size))
  const link = (number: number): string => `${url}${url.includes('?') ? '&' : '?'}page[after]=${number}&page[size]=${size}`
  return {
    self: link(after),
    items: all.slice((after - 1) * size, after * size),
    total: all.length,
    pageSize: size,
    links: { first: link(1), prev: link(Math.min(last, Math.max(1, after - 1))), next: link(Math.min(last, after + 1)), last: link(last) },
  }
}
