import { ZeroAddress, ZeroHash } from 'ethers'
import { statusListIdOf } from '../../agent/status/list-id.ts'
import type { Transaction } from 'kysely'
import { toNumber } from '../columns.ts'
import { derivedTables, type ChainTables } from '../tables.ts'
import { toBase64url, toLocode, toName, toSeconds } from './event-args.ts'
import type { DecodedEvent } from './event-log.ts'
import { governanceProjections, recordCityEvent } from './governance-projections.ts'
import { rewardProjections } from './reward-projections.ts'
import { applyDelta, createFold, deltaOf, digestOf, largestListSize, loadFold, snapshotEveryEpochs, type StatusFold } from './status-fold.ts'

type Trx = Transaction<ChainTables>
/** Bits of the lists that this process has followed so far, by list id. */
export type StatusFolds = Map<string, StatusFold>
const keptFolds = 64
/** In UTF-16 units, each at most three bytes: an index entry of PostgreSQL holds 2,704. */
const longestUri = 900
type Projection = (trx: Trx, event: DecodedEvent, folds: StatusFolds) => Promise<void>

/** Brings the derived tables from the state before `events` to the state after them. */
export async function project(trx: Trx, events: readonly DecodedEvent[], folds: StatusFolds): Promise<void> {
  for (const event of events) {
    const key = `${event.contract}.${event.event}`
    await projections[key]?.(trx, event, folds)
    await rewardProjections[key]?.(trx, event)
    await governanceProjections[key]?.(trx, event)
    await recordCityEvent(trx, event)
  }
}

/** Empties all derived tables. */
export async function clearDerived(trx: Trx, folds: StatusFolds): Promise<void> {
  for (const table of derivedTables) await trx.deleteFrom(table).execute()
  folds.clear()
}

const noOffer = { offered_controller: null, acceptable_from: null }

const projections: Readonly<Record<string, Projection>> = {
  'CityRegistry.CityAdmitted': async (trx, { args, blockTimeSeconds }) => {
    const city = {
      name: String(args['name']),
      did: String(args['did']),
      controller: String(args['controller']),
      recovery: String(args['recovery']),
      offered_controller: null,
      acceptable_from: null,
      service_url: String(args['serviceUrl']),
      status: 'pending' as const,
      suspension_reason: 0,
      suspended_until: null,
      agreement_hash: null,
      dpia_hash: null,
      admitted_at: blockTimeSeconds
    }
    // A registry admits a city once; a later registry may admit it anew.
    await trx
      .insertInto('chain_cities')
      .values({ locode: toLocode(args['city']), ...city })
      .onConflict((conflict) => conflict.column('locode').doUpdateSet(city))
      .execute()
  },
  'CityRegistry.CityActivated': async (trx, { args }) => {
    const hashes = { agreement_hash: String(args['agreementHash']), dpia_hash: String(args['dpiaHash']) }
    await updateCity(trx, args, { status: 'active', ...hashes })
  },
  'CityRegistry.CitySuspended': async (trx, { args }) => {
    const suspension = { suspension_reason: Number(args['reason']), suspended_until: toSeconds(args['until']) }
    await updateCity(trx, args, { ...suspension, ...noOffer })
  },
  'CityRegistry.CityReinstated': (trx, { args }) => updateCity(trx, args, { suspension_reason: 0, suspended_until: null }),
  'CityRegistry.CityRemoved': (trx, { args }) => updateCity(trx, args, { status: 'removed', ...noOffer }),
  'CityRegistry.ServiceUrlChanged': (trx, { args }) => updateCity(trx, args, { service_url: String(args['serviceUrl']) }),
  'CityRegistry.ControllerOffered': (trx, { args }) =>
    updateCity(
      trx,
      args,
      args['controller'] === ZeroAddress
        ? noOffer
        : { offered_controller: String(args['controller']), acceptable_from: toSeconds(args['acceptableFrom']) }
    ),
  'CityRegistry.ControllerVetoed': (trx, { args }) => updateCity(trx, args, noOffer),
  'CityRegistry.ControllerChanged': (trx, { args }) => updateCity(trx, args, { controller: String(args['controller']), ...noOffer }),
  'CityRegistry.RecoveryChanged': (trx, { args }) => updateCity(trx, args, { recovery: String(args['recovery']) }),

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

  'StatusLists.ListCreated': async (trx, { args, address, blockNumber, blockTimeSeconds }) => {
    const listId = String(args['listId'])
    const size = Number(args['size'])
    const uri = String(args['uri'])
    const city = toLocode(args['city'])
    await trx
      .insertInto('chain_status_lists')
      .values({
        list_id: listId,
        address,
        city,
        // A URI that is no text, or too long for an index, is none a card could point to; its id keeps the column unique.
        uri: uri.length <= longestUri && statusListIdOf(city, uri) === listId ? uri : `unreadable:${listId}`,
        size,
        epoch: 0,
        digest: ZeroHash,
        published_at: blockTimeSeconds,
        broken: size > largestListSize,
        snapshot_epoch: 0,
        created_block: blockNumber,
        created_at: blockTimeSeconds
      })
      // Opened again in a later StatusLists: what the list said goes on counting until it says something there.
      .onConflict((conflict) => conflict.column('list_id').doNothing())
      .execute()
    // Only of the size it has, for the cards are out.
    const list = await trx.selectFrom('chain_status_lists').select('size').where('list_id', '=', listId).executeTakeFirst()
    if (toNumber(list?.size ?? 0) === size) await makeHome(trx, listId, address)
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
    const name = toName(args['name'])
    const entry = { target: String(args['target']), code_hash: String(args['codeHash']), changed_at: blockTimeSeconds }
    if (entry.target === ZeroAddress) {
      await trx.deleteFrom('chain_directory').where('name', '=', name).execute()
      return
    }
    await trx
      .insertInto('chain_directory')
      .values({ name, ...entry })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(entry))
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
  if (!(await followTo(trx, event, { ...head, delta }, folds))) return
  const fold = folds.get(listId) ?? (await loadFold(trx, listId, epoch - 1))
  await trx
    .insertInto('chain_status_epochs')
    .values({ list_id: listId, address: event.address, ...head, block_number: event.blockNumber, log_index: event.logIndex, delta_bytes: delta.length })
    .execute()
  if (!fold) {
    await trx.updateTable('chain_status_lists').set({ ...head, broken: true }).where('list_id', '=', listId).execute()
    return
  }
  const readable = applyDelta(fold, epoch, delta)
  keepFold(folds, fold)
  await trx
    .updateTable('chain_status_lists')
    .set({ ...head, broken: !readable || digestOf(fold) !== head.digest })
    .$if(epoch % snapshotEveryEpochs === 0, (update) => update.set({ snapshot: fold.bits.slice(), snapshot_epoch: epoch }))
    .where('list_id', '=', listId)
    .execute()
}

/**
 * Whether an epoch belongs to a list. One in another StatusLists in which the list was opened takes the list there: its
 * bits are what was published there alone, when it has come back to a contract too.
 */
async function followTo(
  trx: Trx, { args, address }: DecodedEvent, said: { readonly epoch: number; readonly digest: string; readonly delta: Uint8Array }, folds: StatusFolds
): Promise<boolean> {
  const listId = String(args['listId'])
  const list = await trx.selectFrom('chain_status_lists').select(['address', 'size']).where('list_id', '=', listId).executeTakeFirst()
  if (list === undefined) return false
  if (list.address === address) return true
  const home = await trx.selectFrom('chain_status_homes').select('address').where('list_id', '=', listId).where('address', '=', address).executeTakeFirst()
  if (home === undefined) {
    // Opened while the contract did not count, of whatever size: an epoch that fits the list says that it is the same.
    if (toNumber(list.size) > largestListSize) return false
    const fold = createFold(listId, toNumber(list.size), address)
    if (!applyDelta(fold, said.epoch, said.delta) || digestOf(fold) !== said.digest) return false
    await makeHome(trx, listId, address)
  }
  folds.delete(listId)
  await trx.updateTable('chain_status_lists').set({ address, snapshot: null, snapshot_epoch: 0 }).where('list_id', '=', listId).execute()
  return true
}

async function makeHome(trx: Trx, listId: string, address: string): Promise<void> {
  await trx.insertInto('chain_status_homes').values({ list_id: listId, address }).onConflict((conflict) => conflict.doNothing()).execute()
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
  recovery: string
  offered_controller: string | null
  acceptable_from: number | null
  service_url: string
  status: 'pending' | 'active' | 'removed'
  suspension_reason: number
  suspended_until: number | null
  agreement_hash: string
  dpia_hash: string
}

function recognitionKey(args: DecodedEvent['args']) {
  return { recogniser: toLocode(args['recogniser']), issuer: toLocode(args['issuer']), type_id: String(args['typeId']) }
}
