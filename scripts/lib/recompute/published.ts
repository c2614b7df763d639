import { parseCsv } from './parse-csv.ts'
import { RecomputeError } from './recompute-error.ts'

export interface PublishedBlock {
  readonly number: number
  readonly hash: string
}

export interface PublishedIndex {
  readonly chainId: number
  readonly directory: string
  readonly block: PublishedBlock
  readonly tables: readonly { readonly name: string; readonly columns: readonly string[]; readonly isPaged: boolean }[]
}

export type PublishedRow = Readonly<Record<string, unknown>>

export interface PublishedTable {
  readonly json: readonly PublishedRow[]
  /** Cells as text; one line for each row. */
  readonly csv: readonly PublishedRow[]
}

const timeoutMs = 60_000

/** What a city's service publishes. */
export class Service {
  readonly #url: string
  /** What the service's clock showed when it last answered. */
  clockSeconds = 0

  constructor(url: string) {
    this.#url = url
  }

  /** @throws RecomputeError when the service does not answer as it should. */
  async index(): Promise<PublishedIndex> {
    const { content } = await this.json('/v1/open-data')
    const { chain_id: chainId, directory, block, tables } = content as
      { chain_id: number; directory: string; block: PublishedBlock; tables: { name: string; paged: boolean; columns: { name: string }[] }[] }
    if (!Array.isArray(tables) || typeof block?.number !== 'number') throw new RecomputeError(`${this.#url}/v1/open-data is not the index of open data: check --service.`)
    return {
      chainId, directory, block,
      tables: tables.map(({ name, columns, paged }) => ({ name, columns: columns.map((column) => column.name), isPaged: paged })),
    }
  }

  /** A table as of a block, all its pages, in both forms. */
  async table(name: string, block: number): Promise<PublishedTable> {
    return { json: await this.#jsonRows(name, block), csv: await this.#csvRows(name, block) }
  }

  async #jsonRows(name: string, block: number): Promise<readonly PublishedRow[]> {
    const rows: PublishedRow[] = []
    for (let path: string | undefined = `/v1/open-data/${name}.json?block=${block}`; path !== undefined; ) {
      const { content, stamp } = await this.json(path)
      requireBlock(path, stamp, block)
      const page = content as { rows: PublishedRow[]; next: string | null }
      rows.push(...page.rows)
      path = page.next ?? undefined
    }
    return rows
  }

  async #csvRows(name: string, block: number): Promise<readonly PublishedRow[]> {
    const rows: PublishedRow[] = []
    for (let path: string | undefined = `/v1/open-data/${name}.csv?block=${block}`; path !== undefined; ) {
      const response = await this.#get(path)
      requireBlock(path, Number(response.headers.get('symbolon-block')), block)
      const [head = [], ...lines] = parseCsv(await response.text())
      rows.push(...lines.map((cells) => Object.fromEntries(head.map((column, i) => [column, cells[i] ?? '']))))
      path = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
    }
    return rows
  }

  async json(path: string): Promise<{ readonly content: unknown; readonly stamp: number }> {
    const response = await this.#get(path)
    try {
      return { content: await response.json(), stamp: Number(response.headers.get('symbolon-block')) }
    } catch (cause) {
      throw new RecomputeError(`${this.#url}${path} is no JSON: check --service.`, { cause })
    }
  }

  /** A page of its own; empty where the service has none, which is then a difference like any other. */
  async page(path: string): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.#get(path, [404])
    return response.ok ? await response.json() as Record<string, unknown> : {}
  }

  async #get(path: string, expected: readonly number[] = []): Promise<Response> {
    let response: Response
    try {
      response = await fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(timeoutMs) })
    } catch (cause) {
      throw new RecomputeError(`The service at ${this.#url} cannot be reached: check --service, and that it runs.`, { cause })
    }
    if (!response.ok && !expected.includes(response.status)) throw new RecomputeError(`${this.#url}${path} answered ${response.status}: the service has a problem just now, or is none that publishes open data.`)
    this.clockSeconds = Math.floor(Date.parse(response.headers.get('date') ?? new Date().toUTCString()) / 1000)
    return response
  }
}

function requireBlock(path: string, stamp: number, block: number): void {
  if (stamp !== block) throw new RecomputeError(`${path} is as of block ${stamp}: the service does not keep to the block it is asked for.`)
}
