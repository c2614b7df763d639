import { expect } from 'chai'
import fc from 'fast-check'
import { sql } from 'kysely'
import { epochHeadsAt, listEpochHeadsAt } from '../../chain/past-queries.ts'
import { onEachChainDatabase, type ChainDb } from './support/database.ts'

interface Epoch { readonly list: string; readonly address: string; readonly epoch: number; readonly block: number; readonly log: number }

const digestOf = ({ list, address, epoch }: Epoch): string => `${list} ${address} ${epoch}`

async function write(db: ChainDb, lists: readonly string[], epochs: readonly Epoch[]): Promise<void> {
  await db.insertInto('chain_status_lists').values(lists.map((list) => ({
    list_id: list, address: 'a', city: 'PTOPO', uri: list, size: 8, epoch: 0, digest: '', published_at: 0, broken: false, snapshot: null, snapshot_epoch: 0, created_block: 0, created_at: 0
  }))).execute()
  for (let from = 0; from < epochs.length; from += 1_000) {
    await db.insertInto('chain_status_epochs').values(epochs.slice(from, from + 1_000).map((one) => ({
      list_id: one.list, address: one.address, epoch: one.epoch, digest: digestOf(one), published_at: one.block * 2, block_number: one.block, log_index: one.log, delta_bytes: 1
    }))).execute()
  }
}

describe('heads of status lists as of a block', function () {
  this.timeout(60_000)
  onEachChainDatabase((db) => {
    it('are the last words of each list up to it, in whichever contract they were said', async () => {
      const lists = ['one', 'two', 'silent']
      const said = fc.array(fc.record({ list: fc.constantFrom('one', 'two'), address: fc.constantFrom('a', 'b'), gap: fc.integer({ min: 0, max: 2 }) }), { maxLength: 40 })
      await fc.assert(fc.asyncProperty(said, fc.nat({ max: 60 }), async (steps, block) => {
        await db().deleteFrom('chain_status_epochs').execute()
        await db().deleteFrom('chain_status_lists').execute()
        let at = 0
        const epochs = steps.map(({ list, address, gap }, log) => ({ list, address, epoch: log + 1, block: at += gap, log }))
        await write(db(), lists, epochs)
        const expected = lists.flatMap((list) => {
          const last = epochs.findLast((one) => one.list === list && one.block <= block)
          return last === undefined ? [] : [[list, { epoch: last.epoch, digest: digestOf(last), publishedAtSeconds: last.block * 2 }] as const]
        })
        expect(await listEpochHeadsAt(db(), block)).to.deep.equal(new Map(expected))
      }), { numRuns: 40, seed: 20_261_123 })
    })

    it('are found by their index, however many epochs there were', async () => {
      const lists = ['one', 'two', 'three']
      await write(db(), lists, Array.from({ length: 6_000 }, (_none, i) => ({ list: lists[i % 3] ?? '', address: 'a', epoch: i, block: i, log: 0 })))
      await sql`analyze chain_status_epochs`.execute(db())
      const plan = JSON.stringify(await epochHeadsAt(db(), 5_000).explain('json'))
      expect(plan).to.include('chain_status_epochs_head')
      expect(plan).to.not.match(/"Node Type":"Sort"/)
    })
  })
})
