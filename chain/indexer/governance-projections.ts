import { AbiCoder, concat, getBytes, keccak256, ZeroAddress, ZeroHash } from 'ethers'
import type { Transaction } from 'kysely'
import type { CityEventKind, ParameterName } from '../governance-tables.ts'
import type { ChainTables } from '../tables.ts'
import { toSeatLocode, toLocode, toName, toSeconds } from './event-args.ts'
import type { DecodedEvent } from './event-log.ts'

type Trx = Transaction<ChainTables>
type Step = (trx: Trx, event: DecodedEvent) => Promise<void>
const coder = AbiCoder.defaultAbiCoder()

/** How the events of governance change the tables of governance. */
export const governanceProjections: Readonly<Record<string, Step>> = {
  'CitySeat.Transfer': async (trx, event) => {
    const { args } = event
    const seat = { city: toSeatLocode(args['tokenId']), holder: accountOrNull(args['to']), since: event.blockTimeSeconds }
    await trx.insertInto('chain_seats').values({ ...placeOf(event), ...seat }).execute()
  },

  'Federation.ProposalCreated': projectProposal,
  'Federation.ProposalQueued': async (trx, event) => {
    const { args, blockNumber, blockTimeSeconds, transactionHash } = event
    await trx
      .updateTable('chain_proposals')
      .set({ eta: toSeconds(args['etaSeconds']), queued_at: blockTimeSeconds, queued_block: blockNumber, queued_transaction: transactionHash })
      .where('proposal_id', '=', String(args['proposalId']))
      .execute()
  },
  'Federation.ProposalExecuted': (trx, event) => markExecuted(trx, event, 'proposal_id', String(event.args['proposalId'])),
  // Anyone may carry out a decision in the timelock itself: then the federation says nothing.
  'Timelock.CallExecuted': (trx, event) => markExecuted(trx, event, 'operation_id', String(event.args['id'])),
  'Federation.ProposalCanceled': async (trx, event) => {
    const { blockNumber, blockTimeSeconds, transactionHash } = event
    await trx
      .updateTable('chain_proposals')
      .set({ cancelled_at: blockTimeSeconds, cancelled_block: blockNumber, cancelled_transaction: transactionHash })
      .where('proposal_id', '=', String(event.args['proposalId']))
      .execute()
  },
  'Federation.VoteCast': async (trx, event) => {
    const { args } = event
    const voter = String(args['voter'])
    const vote = {
      proposal_id: String(args['proposalId']),
      voter,
      city: await cityOfSeat(trx, voter),
      support: Number(args['support']),
      weight: String(args['weight']),
      reason: String(args['reason']),
      cast_at: event.blockTimeSeconds
    }
    await trx.insertInto('chain_votes').values({ ...placeOf(event), ...vote }).execute()
  },

  'Federation.VotingDelaySet': (trx, event) => setParameter(trx, event, 'votingDelay', event.args['newVotingDelay']),
  'Federation.VotingPeriodSet': (trx, event) => setParameter(trx, event, 'votingPeriod', event.args['newVotingPeriod']),
  'Federation.QuorumNumeratorUpdated': (trx, event) => setParameter(trx, event, 'quorumNumerator', event.args['newQuorumNumerator']),
  'Timelock.MinDelayChange': (trx, event) => setParameter(trx, event, 'timelockDelay', event.args['newDuration']),
  'CityRegistry.RotationDelayChanged': (trx, event) => setParameter(trx, event, 'rotationDelay', event.args['delay']),

  'Guardian.GuardianAppointed': async (trx, event) => {
    const account = accountOrNull(event.args['guardian'])
    await trx.insertInto('chain_guardians').values({ ...placeOf(event), account, appointed_at: event.blockTimeSeconds }).execute()
  },
  'Guardian.WritesPaused': async (trx, event) => {
    const { args } = event
    const pause = { target: String(args['target']), incident: String(args['incident']), until: toSeconds(args['until']) }
    await trx.insertInto('chain_pauses').values({ ...placeOf(event), ...pause, paused_at: event.blockTimeSeconds }).execute()
  },
  'Guardian.PauseCleared': async (trx, event) => {
    const { blockNumber, logIndex, blockTimeSeconds, transactionHash } = event
    await trx
      .updateTable('chain_pauses')
      .set({ cleared_at: blockTimeSeconds, cleared_block: blockNumber, cleared_log: logIndex, cleared_transaction: transactionHash })
      .where('target', '=', String(event.args['target']))
      .where('cleared_at', 'is', null)
      .execute()
  },

  'Directory.EntryChanged': async (trx, event) => {
    const { args } = event
    const change = { name: toName(args['name']), target: accountOrNull(args['target']), code_hash: String(args['codeHash']) }
    await trx.insertInto('chain_directory_changes').values({ ...placeOf(event), ...change, changed_at: event.blockTimeSeconds }).execute()
  }
}

type Detail = Readonly<Record<string, string | number>>

/** What a city's history keeps of an event; the rest is said by its kind. */
const cityEvents: Readonly<Record<string, readonly [kind: CityEventKind, detail: (args: DecodedEvent['args']) => Detail]>> = {
  CityAdmitted: ['admitted', (args) => ({ name: String(args['name']), did: String(args['did']), account: String(args['controller']), recovery: String(args['recovery']), serviceUrl: String(args['serviceUrl']) })],
  CityActivated: ['activated', (args) => ({ agreementHash: String(args['agreementHash']), dpiaHash: String(args['dpiaHash']) })],
  CitySuspended: ['suspended', (args) => ({ reason: Number(args['reason']), untilSeconds: toSeconds(args['until']) })],
  SuspensionAppealed: ['appealed', (args) => ({ statementHash: String(args['statementHash']) })],
  CityReinstated: ['reinstated', () => ({})],
  CityRemoved: ['removed', () => ({})],
  ControllerOffered: ['controller_offered', (args) => ({ account: String(args['controller']), acceptableFromSeconds: toSeconds(args['acceptableFrom']) })],
  ControllerVetoed: ['controller_vetoed', (args) => ({ account: String(args['controller']) })],
  ControllerChanged: ['controller_changed', (args) => ({ account: String(args['controller']) })],
  RecoveryChanged: ['recovery_changed', (args) => ({ account: String(args['recovery']) })],
  ServiceUrlChanged: ['service_url_changed', (args) => ({ serviceUrl: String(args['serviceUrl']) })]
}

/** Writes down what happened to a city; other events leave no trace. */
export async function recordCityEvent(trx: Trx, event: DecodedEvent): Promise<void> {
  const recorded = event.contract === 'CityRegistry' ? cityEvents[event.event] : undefined
  if (!recorded) return
  const [kind, detailOf] = recorded
  const row = { city: toLocode(event.args['city']), kind, detail: JSON.stringify(detailOf(event.args)), happened_at: event.blockTimeSeconds }
  await trx.insertInto('chain_city_events').values({ ...placeOf(event), ...row }).execute()
}

/**
 * The proposal's id does not depend on the federation that votes on it: put again to a later Federation, it stands for
 * the later vote.
 *
 * @see https://docs.openzeppelin.com/contracts/5.x/api/governance#IGovernor-hashProposal-address---uint256---bytes---bytes32-
 */
async function projectProposal(trx: Trx, event: DecodedEvent): Promise<void> {
  const { args } = event
  const proposalId = String(args['proposalId'])
  const [targets, values, calldatas] = [args['targets'], args['values'], args['calldatas']] as [string[], bigint[], string[]]
  const descriptionHash = hashDescription(event)
  for (const table of ['chain_proposals', 'chain_proposal_calls', 'chain_votes'] as const) {
    await trx.deleteFrom(table).where('proposal_id', '=', proposalId).execute()
  }
  await trx
    .insertInto('chain_proposals')
    .values({
      ...placeOf(event),
      proposal_id: proposalId,
      operation_id: operationIdOf(event.address, { targets, values, calldatas }, descriptionHash),
      proposer: String(args['proposer']),
      city: await cityOfSeat(trx, String(args['proposer'])),
      description: String(args['description']),
      description_hash: descriptionHash,
      created_at: event.blockTimeSeconds,
      snapshot: toSeconds(args['voteStart']),
      deadline: toSeconds(args['voteEnd'])
    })
    .execute()
  const calls = targets.map((target, position) => ({
    proposal_id: proposalId, position, target, value: String(values[position]), data: getBytes(calldatas[position] ?? '0x')
  }))
  await trx.insertInto('chain_proposal_calls').values(calls).execute()
}

/** Of the bytes on the chain: as text they may have been mended. */
function hashDescription(event: DecodedEvent): string {
  const types = ['uint256', 'address', 'address[]', 'uint256[]', 'bytes[]', 'bytes[]', 'uint256', 'uint256', 'bytes']
  return keccak256(String(coder.decode(types, event.data).at(-1)))
}

/**
 * The id under which a Federation schedules a proposal in the timelock.
 *
 * @see https://docs.openzeppelin.com/contracts/5.x/api/governance#TimelockController-hashOperationBatch-address---uint256---bytes---bytes32-bytes32-
 */
function operationIdOf(
  federation: string,
  { targets, values, calldatas }: { targets: readonly string[]; values: readonly bigint[]; calldatas: readonly string[] },
  descriptionHash: string
): string {
  const salt = BigInt(concat([federation, new Uint8Array(12)])) ^ BigInt(descriptionHash)
  const encoded = coder.encode(['address[]', 'uint256[]', 'bytes[]', 'bytes32', 'bytes32'], [targets, values, calldatas, ZeroHash, `0x${salt.toString(16).padStart(64, '0')}`])
  return keccak256(encoded)
}

async function markExecuted(trx: Trx, event: DecodedEvent, column: 'proposal_id' | 'operation_id', id: string): Promise<void> {
  const { blockNumber, blockTimeSeconds, logIndex, transactionHash } = event
  await trx
    .updateTable('chain_proposals')
    .set({ executed_at: blockTimeSeconds, executed_block: blockNumber, executed_log: logIndex, executed_transaction: transactionHash })
    .where(column, '=', id)
    .execute()
}

async function setParameter(trx: Trx, event: DecodedEvent, name: ParameterName, value: unknown): Promise<void> {
  await trx
    .insertInto('chain_parameters')
    .values({ ...placeOf(event), name, value: toSeconds(value), changed_at: event.blockTimeSeconds })
    .execute()
}

/** The city whose seat an account holds at this place of the chain. */
async function cityOfSeat(trx: Trx, account: string): Promise<string | null> {
  const row = await trx
    .selectFrom('chain_seats as seat')
    .select('seat.city')
    .where('seat.holder', '=', account)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('chain_seats as later')
            .select('later.city')
            .whereRef('later.city', '=', 'seat.city')
            .where((later) =>
              later.or([
                later('later.block_number', '>', later.ref('seat.block_number')),
                later.and([
                  later('later.block_number', '=', later.ref('seat.block_number')),
                  later('later.log_index', '>', later.ref('seat.log_index'))
                ])
              ])
            )
        )
      )
    )
    .executeTakeFirst()
  return row?.city ?? null
}

function accountOrNull(value: unknown): string | null {
  return value === ZeroAddress ? null : String(value)
}

function placeOf({ blockNumber, logIndex, transactionHash }: DecodedEvent) {
  return { block_number: blockNumber, log_index: logIndex, transaction_hash: transactionHash }
}
