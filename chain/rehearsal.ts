import { concat, getAddress, toBeHex, ZeroAddress } from 'ethers'
import type { Kysely } from 'kysely'
import { readContractBook, type ContractBook } from './contract-book.ts'
import type { Deployment } from './deployment.ts'
import { ChainError, type ChainErrorCode } from './errors.ts'
import { ActionError, encodeActions, type Calls, type FederationAction } from './governance-actions.ts'
import { fetchCodeHash } from './indexer/contract-terms.ts'
import { adviceOf } from './revert-advice.ts'
import { decodeRevert, isRevert, type Revert } from './reverts.ts'
import { fetchHeader, withChainErrors, type ChainProvider } from './rpc.ts'
import type { ChainTables } from './tables.ts'

/* Whether a proposal could be carried out, asked before anybody votes on it. Nothing is sent. */

export interface RehearsalOptions {
  readonly db: Kysely<ChainTables>
  readonly provider: ChainProvider
  readonly deployment: Deployment
  /** Milliseconds since 1970; default `Date.now`. */
  readonly clock?: () => number
}

/**
 * Holds actions against what the index and the node know, and writes them as the calls of a proposal. Actions of one
 * proposal may build on each other: a city can be admitted and activated at once.
 *
 * @throws ActionError `ERR_CHAIN_ACTION_INVALID`, `ERR_CHAIN_TARGET_UNKNOWN`, `ERR_CHAIN_TARGET_NO_CODE`,
 *   `ERR_CHAIN_CODE_HASH_MISMATCH`, `ERR_CHAIN_LOCODE_IN_USE`, `ERR_CHAIN_DID_IN_USE`, `ERR_CHAIN_CONTROLLER_IN_USE`,
 *   `ERR_CHAIN_CITY_UNKNOWN`, `ERR_CHAIN_UNTIL_PAST`
 * @throws ChainError `ERR_CHAIN_UNREACHABLE`
 */
export async function verifyActions(options: RehearsalOptions, actions: readonly FederationAction[]): Promise<Calls> {
  const provider = withChainErrors(options.provider)
  const calls = encodeActions(actions, await readContractBook(options.db, options.deployment))
  const members = await readMembers(options.db)
  const head = await fetchHeader(provider, 'latest')
  const nowSeconds = Math.max(Math.floor((options.clock ?? Date.now)() / 1000), head?.timestampSeconds ?? 0)
  for (const [position, action] of actions.entries()) {
    try {
      await verifyAction(provider, members, action, nowSeconds)
    } catch (error) {
      throw error instanceof ChainError && refusals.has(error.code) ? new ActionError(error, position) : error
    }
  }
  return calls
}

const refusals: ReadonlySet<ChainErrorCode> = new Set([
  'ERR_CHAIN_UNTIL_PAST', 'ERR_CHAIN_TARGET_NO_CODE', 'ERR_CHAIN_CODE_HASH_MISMATCH', 'ERR_CHAIN_LOCODE_IN_USE', 'ERR_CHAIN_DID_IN_USE', 'ERR_CHAIN_CONTROLLER_IN_USE',
  'ERR_CHAIN_CITY_UNKNOWN'
])

async function verifyAction(provider: ChainProvider, members: Members, action: FederationAction, nowSeconds: number): Promise<void> {
  if ('untilSeconds' in action && action.untilSeconds <= nowSeconds) refuse('ERR_CHAIN_UNTIL_PAST', action, `the time ${action.untilSeconds} has passed`)
  if ('target' in action && action.target !== ZeroAddress) await verifyTarget(provider, action)
  if (action.type === 'admit') admit(members, action)
  else if ('city' in action && !members.cities.has(action.city)) refuse('ERR_CHAIN_CITY_UNKNOWN', action, `${action.city} is not a member`)
  if (action.type === 'offer_controller' && members.controllers.has(getAddress(action.account))) {
    refuse('ERR_CHAIN_CONTROLLER_IN_USE', action, `${action.account} acts, or acted, for a city`)
  }
}

interface Members {
  readonly cities: Set<string>
  readonly dids: Set<string>
  readonly controllers: Set<string>
}

async function readMembers(db: Kysely<ChainTables>): Promise<Members> {
  const rows = await db.selectFrom('chain_cities').select(['locode', 'did', 'controller']).execute()
  return {
    cities: new Set(rows.map((row) => row.locode)),
    dids: new Set(rows.map((row) => row.did)),
    controllers: new Set(rows.map((row) => row.controller))
  }
}

function admit({ cities, dids, controllers }: Members, action: Extract<FederationAction, { type: 'admit' }>): void {
  const controller = getAddress(action.controller)
  if (cities.has(action.city)) refuse('ERR_CHAIN_LOCODE_IN_USE', action, `${action.city} is, or was, a member`)
  if (dids.has(action.did)) refuse('ERR_CHAIN_DID_IN_USE', action, `${action.did} is, or was, another city’s`)
  if (controllers.has(controller)) refuse('ERR_CHAIN_CONTROLLER_IN_USE', action, `${controller} acts, or acted, for a city`)
  cities.add(action.city)
  dids.add(action.did)
  controllers.add(controller)
}

async function verifyTarget(provider: ChainProvider, action: FederationAction & { readonly target: string }): Promise<void> {
  const actual = await fetchCodeHash(provider, action.target)
  if (actual === undefined) refuse('ERR_CHAIN_TARGET_NO_CODE', action, `there is no contract at ${action.target}`)
  if (action.type === 'point_directory' && actual !== action.codeHash.toLowerCase()) {
    refuse('ERR_CHAIN_CODE_HASH_MISMATCH', action, `the code at ${action.target} has the hash ${actual}, not ${action.codeHash}`)
  }
}

function refuse(code: ChainErrorCode, { type }: FederationAction, what: string): never {
  throw new ChainError(code, `${type}: ${what}. ${adviceOf(code)}`)
}

export type Rehearsal =
  | { readonly passes: true }
  | ({ readonly passes: false; /** Which action was refused, from zero. */ readonly index: number; readonly advice: string } & Revert)

/**
 * Tries the actions of a proposal on the node as the timelock would carry them out now, in order, each on top of those
 * before. What the federation does to itself (its voting delay, period and quorum) cannot be tried outside a vote: the
 * limits of {@link encodeActions} are those of the contract.
 *
 * @throws ChainError those of {@link encodeActions}, `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_RPC`
 */
export async function rehearse(options: RehearsalOptions, actions: readonly FederationAction[]): Promise<Rehearsal> {
  const provider = withChainErrors(options.provider)
  const book = await readContractBook(options.db, options.deployment)
  const calls = encodeActions(actions, book)
  const timelock = addressOf(book, 'Timelock')
  const tried = calls.targets.flatMap((target, index) => (target === book.current.Federation ? [] : [{ index, target, data: calls.calldatas[index] ?? '0x' }]))
  // The timelock's own settings depend on nothing else; and while the others are tried its code is another.
  const [own, others] = [tried.filter(({ target }) => target === timelock), tried.filter(({ target }) => target !== timelock)]
  const refusals = await Promise.all([...own.map((call) => [call]), others].filter((batch) => batch.length > 0).map((batch) => tryBatch(provider, timelock, batch)))
  const [first] = refusals.flatMap((refusal) => refusal ?? []).toSorted((a, b) => a.index - b.index)
  if (first === undefined) return { passes: true }
  return { passes: false, ...first, advice: adviceOf(first.code) }
}

interface TriedCall {
  readonly index: number
  readonly target: string
  readonly data: string
}

async function tryBatch(provider: ChainProvider, timelock: string, batch: readonly TriedCall[]): Promise<(Revert & { index: number }) | undefined> {
  const [only] = batch
  if (only !== undefined && batch.length === 1) {
    const revert = await revertOf(provider, [{ from: timelock, to: only.target, data: only.data }, 'pending'])
    return revert && { index: only.index, ...revert }
  }
  // As many as pass together; the first that does not is the one that is refused.
  for (let count = 1; count <= batch.length; count += 1) {
    const program = programOf(batch.slice(0, count))
    const revert = await revertOf(provider, [{ to: timelock, data: '0x' }, 'pending', { [timelock]: { code: program } }])
    const last = batch[count - 1]
    if (revert && last) return { index: last.index, ...revert }
  }
  return undefined
}

async function revertOf(provider: ChainProvider, params: unknown[]): Promise<Revert | undefined> {
  try {
    await provider.send('eth_call', params)
    return undefined
  } catch (error) {
    if (!isRevert(error)) throw error
    return decodeRevert(error)
  }
}

/**
 * Bytecode that makes calls one after the other and reverts with what the first refusal says. It stands in the timelock's
 * place for one `eth_call`, so that the contracts see the timelock call them.
 *
 * @see https://geth.ethereum.org/docs/interacting-with-geth/rpc/objects#state-override-set
 */
function programOf(batch: readonly TriedCall[]): string {
  // The calldata lies behind the code, one after the other.
  let offset = batch.length * stepBytes + 1
  const steps = batch.map(({ target, data }, position) => {
    const size = toBeHex((data.length - 2) / 2, 3)
    const copyCalldata = ['0x62', size, '0x62', toBeHex(offset, 3), '0x6000', '0x39']
    const call = ['0x6000', '0x6000', '0x62', size, '0x6000', '0x6000', '0x73', target, '0x5a', '0xf1']
    const goOnIfItPassed = ['0x62', toBeHex((position + 1) * stepBytes - 1, 3), '0x57']
    const revertWithItsAnswer = ['0x3d', '0x6000', '0x6000', '0x3e', '0x3d', '0x6000', '0xfd']
    offset += Number(size)
    return concat([...copyCalldata, ...call, ...goOnIfItPassed, ...revertWithItsAnswer, '0x5b'])
  })
  return concat([...steps, '0x00', ...batch.map(({ data }) => data)])
}

/** Bytes of the code for one call. */
const stepBytes = 62

function addressOf(book: ContractBook, name: 'Timelock'): string {
  const address = book.current[name]
  if (address === undefined) throw new ChainError('ERR_CHAIN_TARGET_UNKNOWN', `the federation has no ${name} any more: it was taken out of the Directory`)
  return address
}
