import { expect } from 'chai'
import { ApiError } from '../../../web/ui/problem.ts'
import { readRecord } from '../../../web/public/read-record.ts'
import { RecordError } from '../../../web/public/record-error.ts'

const block = { number: 9, hash: '0x9', time: '2026-01-01T00:00:00Z' }
const nets = { block, rows: [{ city: 'PTOPO' }], next: null }

/** A service that gives a table in pages of three rows. */
function createService(rows: number, { pages = {} }: { readonly pages?: Readonly<Record<string, unknown>> } = {}) {
  const asked: string[] = []
  const get = async (path: string): Promise<unknown> => {
    asked.push(path)
    if (path in pages) {
      const page = pages[path]
      if (page instanceof Error) throw page
      return page
    }
    if (path === '/v1/open-data') return { block }
    if (path.startsWith('/v1/open-data/nets')) return nets
    const first = Number(/from_block=(\d+)/.exec(path)?.[1] ?? 0)
    const next = first + 3 < rows ? `/v1/open-data/settlements.json?block=9&from_block=${first + 3}` : null
    return { block, rows: Array.from({ length: Math.min(3, rows - first) }, (_, i) => ({ ref: String(first + i) })), next }
  }
  return { asked, get }
}

const codeOf = async (reading: Promise<unknown>): Promise<unknown> =>
  await reading.then(() => 'read', (error: unknown) => (error instanceof RecordError ? { code: error.code, table: error.table, rows: error.rows } : error))

describe('readRecord', () => {
  it('reads a table to its last page, and says how far it has come', async () => {
    const { asked, get } = createService(31)
    const progress: number[] = []
    const { block: as, tables } = await readRecord(['settlements', 'nets'], { at: undefined, get, onProgress: (rows) => progress.push(rows) })
    expect(as).to.deep.equal(block)
    expect(tables.settlements.map(({ ref }) => ref)).to.deep.equal(Array.from({ length: 31 }, (_, i) => String(i)))
    expect(tables.nets).to.deep.equal(nets.rows)
    expect(progress).to.deep.equal([3, 6, 9, 12, 15, 18, 21, 24, 27, 30])
    expect(asked.filter((path) => path.includes('settlements'))).to.have.length(11)
  })

  it('asks for the block that is wanted, and says nothing of progress when one page is all', async () => {
    const { asked, get } = createService(3)
    const progress: number[] = []
    await readRecord(['settlements'], { at: 9, get, onProgress: (rows) => progress.push(rows) })
    expect([asked, progress]).to.deep.equal([['/v1/open-data/settlements.json?block=9'], []])
  })

  it('gives no part for the whole when a later page does not come', async () => {
    const { get } = createService(31, { pages: { '/v1/open-data/settlements.json?block=9&from_block=18': new ApiError('ERR_PROBLEM', { status: 503 }) } })
    expect(await codeOf(readRecord(['settlements', 'nets'], { at: undefined, get }))).to.deep.equal({ code: 'ERR_RECORD_INCOMPLETE', table: 'settlements', rows: 18 })
  })

  it('says itself what is wrong with the first page', async () => {
    const refusal = new ApiError('ERR_PROBLEM', { status: 404, problem: 'ERR_CHAIN_BLOCK_AHEAD' })
    const { get } = createService(3, { pages: { '/v1/open-data/settlements.json?block=10': refusal } })
    expect(await codeOf(readRecord(['settlements'], { at: 10, get }))).to.equal(refusal)
  })

  it('does not walk in circles', async () => {
    const path = '/v1/open-data/settlements.json?block=9&from_block=3'
    const { get } = createService(31, { pages: { [path]: { block, rows: [{ ref: 'x' }], next: path } } })
    expect(await codeOf(readRecord(['settlements'], { at: 9, get }))).to.deep.equal({ code: 'ERR_RECORD_INCOMPLETE', table: 'settlements', rows: 4 })
  })

  it('does not put parts of two chains together, neither pages nor tables', async () => {
    const other = { ...block, hash: '0xother' }
    const page = createService(31, { pages: { '/v1/open-data/settlements.json?block=9&from_block=3': { block: other, rows: [], next: null } } })
    expect(await codeOf(readRecord(['settlements'], { at: 9, get: page.get }))).to.deep.equal({ code: 'ERR_RECORD_CHANGED', table: 'settlements', rows: 3 })
    const table = createService(3, { pages: { '/v1/open-data/nets.json?block=9': { ...nets, block: other } } })
    expect(await codeOf(readRecord(['settlements', 'nets'], { at: 9, get: table.get }))).to.deep.equal({ code: 'ERR_RECORD_CHANGED', table: 'nets', rows: 1 })
  })
})
