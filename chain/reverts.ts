import { Interface, ZeroHash, type ErrorDescription } from 'ethers'
import { errorsAbi } from './abi/errors.ts'
import { rpcErrorOf } from './errors.ts'

/** `NoteSpent` → `NOTE_SPENT`: an underscore where a capital follows a small letter or a digit. */
type Snake<Text extends string, AfterSmall extends boolean = false> = Text extends `${infer Char}${infer Rest}`
  ? Char extends Lowercase<Char>
    ? `${Uppercase<Char>}${Snake<Rest, true>}`
    : `${AfterSmall extends true ? '_' : ''}${Char}${Snake<Rest>}`
  : ''
type Unprefixed<Name extends string> = Name extends `ECDSA${infer Rest}` ? `Ecdsa${Rest}` : Name

/** What a contract refused, one code for each custom error of the ABIs: `RewardProgramsNoteSpent` → `ERR_REWARD_PROGRAMS_NOTE_SPENT`. */
export type ContractRefusal = `ERR_${Snake<Unprefixed<(typeof errorsAbi)[number]['name']>>}`

/** Where a proposal stands, as the Governor numbers it. @see https://docs.openzeppelin.com/contracts/5.x/api/governance#IGovernor-ProposalState */
const proposalStates = ['PENDING', 'ACTIVE', 'CANCELLED', 'DEFEATED', 'SUCCEEDED', 'QUEUED', 'EXPIRED', 'EXECUTED'] as const
/** What is wrong with an action, as `IFederation.ActionFault` numbers it, from one on. */
const actionFaults = ['SENDS_MONEY', 'CALLS_NOTHING', 'NO_CODE'] as const

/** Custom errors that say in an argument which of several things is the case: what helps is another thing each time, so each has its code. */
export type RefinedRefusal = `ERR_GOVERNOR_PROPOSAL_${(typeof proposalStates)[number] | 'EXISTS'}` | `ERR_FEDERATION_ACTION_${(typeof actionFaults)[number]}`

/**
 * Why a transaction of the outbox failed. `ERR_CHAIN_REVERTED`: the contract gave no reason that can be read;
 * `ERR_CHAIN_TARGET_UNKNOWN`: there is no such contract any more.
 */
export type RevertCode = ContractRefusal | RefinedRefusal | 'ERR_CHAIN_REVERTED' | 'ERR_CHAIN_PANIC' | 'ERR_CHAIN_TARGET_UNKNOWN'

export interface Revert {
  readonly code: RevertCode
  /** The custom error with its arguments, for the operator: addresses, ids and numbers, never personal data. */
  readonly detail: string
}

const errors = new Interface(errorsAbi)

/** The code of a custom error of our contracts. */
export function codeOfError(name: (typeof errorsAbi)[number]['name']): ContractRefusal {
  const snake = name.replace(/^ECDSA/, 'Ecdsa').replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
  return `ERR_${snake.toUpperCase()}` as ContractRefusal
}

/** Whether the node said that the call reverts, rather than that it cannot answer. */
export function isRevert(error: unknown): boolean {
  const rpcError = rpcErrorOf(error)
  if (!rpcError) return false
  // Code 3 is what execution clients agreed on; some give data, some only text.
  return rpcError.code === 3 || revertData(rpcError.data) !== undefined || /revert/i.test(rpcError.message ?? '')
}

/**
 * Decodes the answer of a node to a call that reverts.
 *
 * @see https://docs.soliditylang.org/en/latest/control-structures.html#revert
 */
export function decodeRevert(error: unknown): Revert {
  const data = revertData(rpcErrorOf(error)?.data)
  if (data === undefined || data === '0x') return { code: 'ERR_CHAIN_REVERTED', detail: 'no reason given' }
  const parsed = errors.parseError(data)
  if (!parsed) return { code: 'ERR_CHAIN_REVERTED', detail: `unknown error ${data.slice(0, 10)}` }
  const args = parsed.args.map((argument) => String(argument).slice(0, 80)).join(', ')
  const detail = `${parsed.name}(${args})`.slice(0, 400)
  if (parsed.name === 'Panic') return { code: 'ERR_CHAIN_PANIC', detail }
  if (parsed.name === 'Error') return { code: 'ERR_CHAIN_REVERTED', detail }
  return { code: refine(parsed) ?? codeOfError(parsed.name as (typeof errorsAbi)[number]['name']), detail }
}

function refine({ name, args }: ErrorDescription): RefinedRefusal | undefined {
  // No state would do: the same proposal is there already.
  if (name === 'GovernorUnexpectedProposalState' && args[2] === ZeroHash) return 'ERR_GOVERNOR_PROPOSAL_EXISTS'
  const state = name === 'GovernorUnexpectedProposalState' ? proposalStates[Number(args[1])] : undefined
  if (state !== undefined) return `ERR_GOVERNOR_PROPOSAL_${state}`
  const fault = name === 'FederationInvalidAction' ? actionFaults[Number(args[2]) - 1] : undefined
  return fault === undefined ? undefined : `ERR_FEDERATION_ACTION_${fault}`
}

/** Revert data, wherever the node put it. */
function revertData(data: unknown): string | undefined {
  if (typeof data === 'string' && /^0x([0-9a-f]{2})*$/i.test(data)) return data
  if (typeof data === 'string') return /0x[0-9a-f]{8,}/i.exec(data)?.[0]
  if (typeof data === 'object' && data !== null) {
    const nested = data as { data?: unknown; result?: unknown }
    return revertData(nested.data ?? nested.result)
  }
  return undefined
}
