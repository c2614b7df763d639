import { getBytes, id as keccakOfText, toUtf8String, ZeroAddress, ZeroHash } from 'ethers'
import { sql, type Transaction } from 'kysely'
import { derivedTables, type ChainTables } from '../tables.ts'
import { toBase64url, toLocode, toSeconds } from './event-args.ts'
import type { DecodedEvent } from './event-log.ts'
import { applyDelta, deltaOf, digestOf, largestListSize, loadFold, snapshotEveryEpochs, type StatusFold } from './status-fold.ts'

type Trx = Transaction<ChainTables>
/** Bits of the lists that this process has followed so far, by list id. */
export type StatusFolds = Map<string, StatusFold>
const keptFolds = 64
/** In UTF-16 units, each at most three bytes: an index entry of PostgreSQL holds 2,704. */
const longestUri = 900
type Projection = (trx: Trx, event: DecodedEvent, folds: StatusFolds) => Promise<void>

/** Brings the derived tables from the state before `events` to the state after them. */
export async function project(trx: Trx, events: readonly DecodedEvent[], folds: StatusFolds): Promise<void> {
  for (const event of events) await projections[`${event.contract}.${event.event}`]?.(trx, event, folds)
}

/** Empties all derived tables. */
export async function clearDerived(trx: Trx, folds: StatusFolds): Promise<void> {
  for (const table of derivedTables) await trx.deleteFrom(table).execute()
  folds.clear()
}

const projections: Readonly<Record<string, Projection>> = {
  'CityRegistry.CityAdmitted': async (trx, { args, blockTimeSeconds }) => {
    await trx
      .insertInto('chain_cities')
      .values({
        locode: toLocode(args['city']),
        name: String(args['name']),
        did: String(args['did']),
        controller: String(args['controller']),
        offered_controller: null,
        service_url: String(args['serviceUrl']),
        status: 'pending',
        suspension_reason: 0,
        agreement_hash: null,
        dpia_hash: null,
        admitted_at: blockTimeSeconds
      })
      .execute()
  },
  'CityRegistry.CityActivated': async (trx, { args }) => {
    const hashes = { agreement_hash: String(args['agreementHash']), dpia_hash: String(args['dpiaHash']) }
    await updateCity(trx, args, { status: 'active', ...hashes })
  },
  'CityRegistry.CitySuspended': async (trx, { args }) => {
    const suspension = { suspension_reason: Number(args['reason']), suspended_until: toSeconds(args['until']) }
    await updateCity(trx, args, { ...suspension, offered_controller: null })
  },
  'CityRegistry.CityReinstated': (trx, { args }) => updateCity(trx, args, { suspension_reason: 0, suspended_until: null }),
  'CityRegistry.CityRemoved': (trx, { args }) => updateCity(trx, args, { status: 'removed', offered_controller: null }),
  'CityRegistry.ServiceUrlChanged': (trx, { args }) => updateCity(trx, args, { service_url: String(args['serviceUrl']) }),
  'CityRegistry.ControllerOffered': (trx, { args }) =>
    updateCity(trx, args, { offered_controller: args['controller'] === ZeroAddress ? null : String(args['controller']) }),
  'CityRegistry.ControllerChanged': (trx, { args }) =>
    updateCity(trx, args, { controller: String(args['controller']), offered_controller: null }),

  'IssuerRegistry.IssuerAccredited': async (trx, event) => {
    const { args } = event
    await trx
      .insertInto('chain_accreditations')
      .values({
        block_number: event.blockNumber,
        log_index: event.logIndex,
        city: toLocode(args['city']),
        thumbprint: toBase64url(args['thumbprint']),
        type_id: String(args['typeId']),
        x: toBase64url(args['x']),
        y: toBase64url(args['y']),
        credential_type: String(args['credentialType']),
        valid_from: toSeconds(args['validFrom']),
        valid_until: toSeconds(args['validUntil'])
      })
      .execute()
  },
  'IssuerRegistry.IssuerWithdrawn': async (trx, { args }) => {
    await trx
      .updateTable('chain_accreditations')
      .set({ untrusted_from: toSeconds(args['untrustedFrom']) })
      .where('city', '=', toLocode(args['city']))
      .where('thumbprint', '=', toBase64url(args['thumbprint']))
      .where('type_id', '=', String(args['typeId']))
      .execute()
  },

  'RecognitionRegistry.RecognitionGranted': async (trx, { args, blockTimeSeconds }) => {
    const terms = {
      credential_type: String(args['credentialType']),
      benefit_classes: String(args['benefitClasses']),
      valid_until: toSeconds(args['validUntil']),
      granted_at: blockTimeSeconds,
      withdrawn: false
    }
    await trx
      .insertInto('chain_recognitions')
      .values({ ...recognitionKey(args), ...terms })
      .onConflict((conflict) => conflict.columns(['recogniser', 'issuer', 'type_id']).doUpdateSet(terms))
      .execute()
  },
  'RecognitionRegistry.RecognitionWithdrawn': async (trx, { args }) => {
    const key = recognitionKey(args)
    await trx
      .updateTable('chain_recognitions')
      .set({ withdrawn: true })
      .where('recogniser', '=', key.recogniser)
      .where('issuer', '=', key.issuer)
      .where('type_id', '=', key.type_id)
      .execute()
  },

  'StatusLists.ListCreated': async (trx, { args, blockTimeSeconds }) => {
    const listId = String(args['listId'])
    const size = Number(args['size'])
    const uri = String(args['uri'])
    await trx
      .insertInto('chain_status_lists')
      .values({
        list_id: listId,
        city: toLocode(args['city']),
        // A URI that is no text, or too long for an index, is none a card could point to; its id keeps the column unique.
        uri: uri.length <= longestUri && keccakOfText(uri) === listId ? uri : `unreadable:${listId}`,
        size,
        epoch: 0,
        digest: ZeroHash,
        published_at: blockTimeSeconds,
        broken: size > largestListSize,
        snapshot_epoch: 0
      })
      .execute()
  },
  'StatusLists.EpochPublished': projectEpoch,

  'Anchors.Anchored': async (trx, { args, blockTimeSeconds }) => {
    const values = { root: String(args['root']), anchored_at: blockTimeSeconds }
    await trx
      .insertInto('chain_anchors')
      .values({ city: toLocode(args['city']), log: Number(args['log']), size: toSeconds(args['size']), ...values })
      .onConflict((conflict) => conflict.columns(['city', 'log', 'size']).doUpdateSet(values))
      .execute()
  },
  'Directory.EntryChanged': async (trx, { args, blockTimeSeconds }) => {
    const entry = { target: String(args['target']), code_hash: String(args['codeHash']), changed_at: blockTimeSeconds }
    await trx
      .insertInto('chain_directory')
      .values({ name: toName(args['name']), ...entry })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(entry))
      .execute()
  },

  'RewardPrograms.ProgramCreated': async (trx, { args, blockTimeSeconds }) => {
    await trx
      .insertInto('chain_programs')
      .values({
        program_id: String(args['program']),
        city: toLocode(args['city']),
        name: String(args['name']),
        sponsor: String(args['sponsor']),
        valid_from: toSeconds(args['from']),
        valid_until: toSeconds(args['until']),
        funded: '0',
        redeemed: '0',
        burnt: '0',
        closed: false,
        created_at: blockTimeSeconds
      })
      .execute()
  },
  'RewardPrograms.DenominationRegistered': async (trx, { args }) => {
    await trx
      .insertInto('chain_denominations')
      .values({ program_id: String(args['program']), value: Number(args['value']), modulus: getBytes(String(args['modulus'])) })
      .execute()
  },
  'RewardPrograms.ProgramFunded': (trx, { args }) => addToProgram(trx, args['program'], 'funded', args['units']),
  'RewardPrograms.ProgramClosed': async (trx, { args }) => {
    await addToProgram(trx, args['program'], 'burnt', args['burnt'])
    await trx.updateTable('chain_programs').set({ closed: true }).where('program_id', '=', String(args['program'])).execute()
  },
  'RewardPrograms.MerchantRegistered': async (trx, { args, blockTimeSeconds }) => {
    const merchant = { city: toLocode(args['city']), address: String(args['merchant']) }
    await trx
      .insertInto('chain_merchants')
      .values({ ...merchant, active: true, registered_at: blockTimeSeconds })
      .onConflict((conflict) => conflict.columns(['city', 'address']).doUpdateSet({ active: true, registered_at: blockTimeSeconds }))
      .execute()
  },
  'RewardPrograms.MerchantWithdrawn': async (trx, { args }) => {
    await trx
      .updateTable('chain_merchants')
      .set({ active: false })
      .where('city', '=', toLocode(args['city']))
      .where('address', '=', String(args['merchant']))
      .execute()
  },
  'RewardPrograms.NotesRedeemed': async (trx, event) => {
    const { args } = event
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
    await addToProgram(trx, program, 'redeemed', args['units'])
  },

  'Settlement.SettlementRequested': async (trx, { args, blockTimeSeconds }) => {
    await trx
      .insertInto('chain_settlements')
      .values({
        ref: String(args['ref']),
        program_id: String(args['program']),
        city: toLocode(args['city']),
        merchant: String(args['merchant']),
        units: String(args['units']),
        requested_at: blockTimeSeconds,
        bank_reference_hash: null
      })
      .execute()
  },
  'Settlement.SettlementPaid': async (trx, { args, blockTimeSeconds }) => {
    await trx
      .updateTable('chain_settlements')
      .set({ bank_reference_hash: String(args['bankReferenceHash']), paid_at: blockTimeSeconds })
      .where('ref', '=', String(args['ref']))
      .execute()
  }
}

/**
 * Follows a list by one epoch. A list whose delta cannot be read, or whose bits do not have the digest that was
 * published, is broken until an epoch comes that is right again.
 */
async function projectEpoch(trx: Trx, event: DecodedEvent, folds: StatusFolds): Promise<void> {
  const { args, blockTimeSeconds } = event
  const listId = String(args['listId'])
  const epoch = Number(args['epoch'])
  const delta = deltaOf(args)
  const head = { epoch, digest: String(args['digest']), published_at: blockTimeSeconds }
  const known = folds.get(listId)
  const fold = known?.epoch === epoch - 1 ? known : await loadFold(trx, listId, epoch - 1)
  await trx
    .insertInto('chain_status_epochs')
    .values({ list_id: listId, ...head, block_number: event.blockNumber, log_index: event.logIndex, delta_bytes: delta.length })
    .execute()
  if (!fold) {
    await trx.updateTable('chain_status_lists').set({ ...head, broken: true }).where('list_id', '=', listId).execute()
    return
  }
  const readable = applyDelta(fold, delta)
  keepFold(folds, fold)
  await trx
    .updateTable('chain_status_lists')
    .set({ ...head, broken: !readable || digestOf(fold) !== head.digest })
    .$if(epoch % snapshotEveryEpochs === 0, (update) => update.set({ snapshot: fold.bits.slice(), snapshot_epoch: epoch }))
    .where('list_id', '=', listId)
    .execute()
}

/** The lists that were followed last stay in memory: anyone who controls a city can open as many as they like. */
function keepFold(folds: StatusFolds, fold: StatusFold): void {
  folds.delete(fold.listId)
  folds.set(fold.listId, fold)
  const [oldest] = folds.keys()
  if (folds.size > keptFolds && oldest !== undefined) folds.delete(oldest)
}

async function updateCity(trx: Trx, args: DecodedEvent['args'], change: Partial<CityChange>): Promise<void> {
  await trx.updateTable('chain_cities').set(change).where('locode', '=', toLocode(args['city'])).execute()
}

interface CityChange {
  controller: string
  offered_controller: string | null
  service_url: string
  status: 'pending' | 'active' | 'removed'
  suspension_reason: number
  suspended_until: number | null
  agreement_hash: string
  dpia_hash: string
}

async function addToProgram(trx: Trx, program: unknown, column: 'funded' | 'redeemed' | 'burnt', units: unknown): Promise<void> {
  await trx
    .updateTable('chain_programs')
    .set({ [column]: sql`${sql.ref(column)} + ${String(units)}::numeric` })
    .where('program_id', '=', String(program))
    .execute()
}

function recognitionKey(args: DecodedEvent['args']) {
  return { recogniser: toLocode(args['recogniser']), issuer: toLocode(args['issuer']), type_id: String(args['typeId']) }
}

/** `bytes32` text, as in `encodeBytes32String`; hex when it is none. */
function toName(value: unknown): string {
  try {
    return toUtf8String(String(value).replace(/(00)+$/, '')).replaceAll('\u0000', '\ufffd')
  } catch {
    return String(value)
  }
}
