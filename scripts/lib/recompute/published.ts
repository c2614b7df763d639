import { setTimeout as sleep } from 'node:timers/promises'
import { parseCsv } from './parse-csv.ts'
import { RecomputeError } from './recompute-error.ts'
import { digestField, type Exchange } from './signatures.ts'

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
/** What a city signs with its key. */
const signedPath = /^\/(?:v1\/trust|trust-lists|trusted-issuers-registry|trqp)(?:[/?]|$)/
/** A service lets each address ask so often in a minute: whoever has asked too often waits. */
const mostWaits = 120

/** What a city's service publishes. */
export class Service {
  readonly #url: string
  /** What the service's clock showed when it last answered. */
  clockSeconds = 0
  /** Every answer so far that has to be signed. */
  readonly signed: Exchange[] = []

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

  /** A document that is no JSON. */
  async text(path: string): Promise<string> {
    return await (await this.#get(path)).text()
  }

  /** The answer to a question that is posted; empty where the service knows none. */
  async ask(path: string, question: object): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.#get(path, [400, 404], question)
    return response.ok ? await response.json() as Record<string, unknown> : {}
  }

  /** A page of its own; empty where the service has none, which is then a difference like any other. */
  async page(path: string): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.#get(path, [404])
    return response.ok ? await response.json() as Record<string, unknown> : {}
  }

  async #get(path: string, expected: readonly number[] = [], question?: object): Promise<Response> {
    const init = question === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(question) }
    let response = await this.#fetch(path, init)
    for (let waits = 0; response.status === 429 && waits < mostWaits; waits += 1) {
      await sleep(Math.min(60, Math.max(1, Number(response.headers.get('retry-after') ?? 1))) * 1_000)
      response = await this.#fetch(path, init)
    }
    if (!response.ok && !expected.includes(response.status)) throw new RecomputeError(`${this.#url}${path} answered ${response.status}: the service has a problem just now, or is none that publishes open data.`)
    this.clockSeconds = Math.floor(Date.parse(response.headers.get('date') ?? new Date().toUTCString()) / 1000)
    if (signedPath.test(path)) {
      const body = new Uint8Array(await response.clone().arrayBuffer())
      this.signed.push({ method: question === undefined ? 'GET' : 'POST', url: `${this.#url}${path}`, status: response.status, headers: response.headers, digest: digestField(body) })
    }
    return response
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, { ...init, signal: AbortSignal.timeout(timeoutMs) })
    } catch (cause) {
      throw new RecomputeError(`The service at ${this.#url} cannot be reached: check --service, and that it runs.`, { cause })
    }
  }
}

function requireBlock(path: string, stamp: number, block: number): void {
  if (stamp !== block) throw new RecomputeError(`${path} is as of block ${stamp}: the service does not keep to the block it is asked for.`)
}
