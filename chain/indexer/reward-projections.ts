import { getBytes } from 'ethers'
import { sql, type Transaction } from 'kysely'
import type { ChainTables } from '../tables.ts'
import { toLocode, toSeconds } from './event-args.ts'
import type { DecodedEvent } from './event-log.ts'

type Trx = Transaction<ChainTables>

/** How the events of points and of money change the tables of rewards. */
export const rewardProjections: Readonly<Record<string, (trx: Trx, event: DecodedEvent) => Promise<void>>> = {
  'RewardPrograms.ProgramCreated': async (trx, { args, address, blockTimeSeconds }) => {
    await trx
      .insertInto('chain_programs')
      .values({
        program_id: String(args['program']),
        address,
        city: toLocode(args['city']),
        name: String(args['name']),
        sponsor: String(args['sponsor']),
        valid_from: toSeconds(args['from']),
        valid_until: toSeconds(args['until']),
        funded: '0',
        redeemed: '0',
        burnt: '0',
        shared: false,
        closed: false,
        created_at: blockTimeSeconds
      })
      // The name of a programme stays its own: one of the same name in a later RewardPrograms is not that programme.
      .onConflict((conflict) => conflict.column('program_id').doNothing())
      .execute()
  },
  'RewardPrograms.DenominationRegistered': async (trx, event) => {
    const { args } = event
    if (!(await isProgramOf(trx, event))) return
    await trx
      .insertInto('chain_denominations')
      .values({ program_id: String(args['program']), value: Number(args['value']), modulus: getBytes(String(args['modulus'])) })
      .execute()
  },
  'RewardPrograms.ProgramFunded': (trx, event) => addToProgram(trx, event, 'funded', event.args['units']),
  'RewardPrograms.ProgramShared': (trx, event) => updateProgram(trx, event, { shared: true }),
  'RewardPrograms.ProgramEndChanged': (trx, event) => updateProgram(trx, event, { valid_until: toSeconds(event.args['until']) }),
  'RewardPrograms.ProgramClosed': async (trx, event) => {
    await addToProgram(trx, event, 'burnt', event.args['burnt'])
    await updateProgram(trx, event, { closed: true })
  },
  'RewardPrograms.MerchantRegistered': async (trx, { args, address, blockTimeSeconds, blockNumber, logIndex }) => {
    const merchant = { city: toLocode(args['city']), address: String(args['merchant']), contract: address }
    const word = { active: true, registered_at: blockTimeSeconds, block_number: blockNumber, log_index: logIndex }
    await trx
      .insertInto('chain_merchants')
      .values({ ...merchant, ...word })
      .onConflict((conflict) => conflict.columns(['city', 'address', 'contract']).doUpdateSet(word))
      .execute()
  },
  'RewardPrograms.MerchantWithdrawn': async (trx, { args, address, blockNumber, logIndex }) => {
    await trx
      .updateTable('chain_merchants')
      .set({ active: false, block_number: blockNumber, log_index: logIndex })
      .where('city', '=', toLocode(args['city']))
      .where('address', '=', String(args['merchant']))
      .where('contract', '=', address)
      .execute()
  },
  'RewardPrograms.NotesRedeemed': async (trx, event) => {
    const { args } = event
    if (!(await isProgramOf(trx, event))) return
    const notes = args['notes'] as readonly string[]
    const place = { block_number: event.blockNumber, log_index: event.logIndex }
    const program = String(args['program'])
    await trx
      .insertInto('chain_redemptions')
      .values({
        ...place,
        program_id: program,
        merchant: String(args['merchant']),
        order_id: String(args['order']),
        units: String(args['units']),
        note_count: notes.length,
        transaction_hash: event.transactionHash,
        redeemed_at: event.blockTimeSeconds
      })
      .execute()
    if (notes.length > 0) {
      await trx.insertInto('chain_spent_notes').values(notes.map((note) => ({ program_id: program, note, ...place }))).execute()
    }
    await addToProgram(trx, event, 'redeemed', args['units'])
  },

  'Settlement.SettlementRequested': async (trx, { args, address, blockTimeSeconds }) => {
    const [debtor, payer, units] = [toLocode(args['debtor']), toLocode(args['payer']), String(args['units'])]
    await trx
      .insertInto('chain_settlements')
      .values({
        ref: String(args['ref']),
        address,
        program_id: String(args['program']),
        city: debtor,
        payer,
        merchant: String(args['merchant']),
        units,
        requested_at: blockTimeSeconds,
        bank_reference_hash: null
      })
      // A reference stays its request's own, also when a later Settlement sees it again.
      .onConflict((conflict) => conflict.column('ref').doNothing())
      .execute()
    if (debtor !== payer) await addToNet(trx, { debtor, creditor: payer }, units)
  },
  'Settlement.SettlementPaid': async (trx, { args, address, blockTimeSeconds }) => {
    await trx
      .updateTable('chain_settlements')
      .set({ bank_reference_hash: String(args['bankReferenceHash']), paid_at: blockTimeSeconds })
      .where('ref', '=', String(args['ref']))
      .where('address', '=', address)
      .execute()
  },
  'Settlement.NetSettled': async (trx, event) => {
    const { args } = event
    const pair = { debtor: toLocode(args['debtor']), creditor: toLocode(args['creditor']) }
    const place = { block_number: event.blockNumber, log_index: event.logIndex, transaction_hash: event.transactionHash }
    const settled = { units: String(args['units']), bank_reference_hash: String(args['bankReferenceHash']), settled_at: event.blockTimeSeconds }
    await trx.insertInto('chain_net_settlements').values({ ...place, ...pair, ...settled }).execute()
    await addToNet(trx, pair, `-${settled.units}`)
  }
}

async function isProgramOf(trx: Trx, { args, address }: DecodedEvent): Promise<boolean> {
  const program = await trx.selectFrom('chain_programs').select('address').where('program_id', '=', String(args['program'])).executeTakeFirst()
  return program?.address === address
}

async function updateProgram(trx: Trx, { args, address }: DecodedEvent, change: { shared?: true; closed?: true; valid_until?: number }): Promise<void> {
  await trx
    .updateTable('chain_programs')
    .set(change)
    .where('program_id', '=', String(args['program']))
    .where('address', '=', address)
    .execute()
}

async function addToProgram(trx: Trx, { args, address }: DecodedEvent, column: 'funded' | 'redeemed' | 'burnt', units: unknown): Promise<void> {
  await trx
    .updateTable('chain_programs')
    .set({ [column]: sql`${sql.ref(column)} + ${String(units)}::numeric` })
    .where('program_id', '=', String(args['program']))
    .where('address', '=', address)
    .execute()
}

async function addToNet(trx: Trx, pair: { debtor: string; creditor: string }, units: string): Promise<void> {
  await trx
    .insertInto('chain_nets')
    .values({ ...pair, units })
    .onConflict((conflict) =>
      conflict.columns(['debtor', 'creditor']).doUpdateSet({ units: sql<string>`chain_nets.units + ${units}::numeric` })
    )
    .execute()
}
