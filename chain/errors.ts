import { SymbolonError } from '../agent/errors.ts'

export type ChainErrorCode =
  /** The node does not answer. */
  | 'ERR_CHAIN_UNREACHABLE'
  /** The node answered with an error object. */
  | 'ERR_CHAIN_RPC'
  /** The node serves another chain than the one this database knows, or one without our contracts. */
  | 'ERR_CHAIN_MISMATCH'
  /** The deployment file is not what `chain/deployment.ts` describes. */
  | 'ERR_CHAIN_DEPLOYMENT_INVALID'
  /** A call names an unknown contract or method, or its arguments do not fit the ABI. */
  | 'ERR_CHAIN_CALL_INVALID'
  /** The outbox key is taken by a different call. */
  | 'ERR_CHAIN_KEY_CONFLICT'
  /** The outbox did not reach a final state in the time given. */
  | 'ERR_CHAIN_TIMEOUT'
  /** The key store did not sign. */
  | 'ERR_CHAIN_SIGNER'
  /** The node has other code at an address than the federation agreed on. */
  | 'ERR_CHAIN_CODE_MISMATCH'
  /** The node and the one that is asked as a witness tell different stories of the same blocks. */
  | 'ERR_CHAIN_DISAGREEMENT'
  /** An action that the federation cannot take: a value is missing or out of range. */
  | 'ERR_CHAIN_ACTION_INVALID'
  /** A proposal's calldata is not a call of the contract it is meant for. */
  | 'ERR_CHAIN_CALLDATA_INVALID'
  /** A proposal calls a function that its contract does not have, or that is none of the federation's decisions. */
  | 'ERR_CHAIN_METHOD_UNKNOWN'
  /** A proposal sends money. */
  | 'ERR_CHAIN_VALUE_NOT_ZERO'
  /** A proposal calls something that is none of the federation's contracts now. */
  | 'ERR_CHAIN_TARGET_UNKNOWN'
  /** There is no contract at an address. */
  | 'ERR_CHAIN_TARGET_NO_CODE'
  /** The code at an address has another hash than the one given. */
  | 'ERR_CHAIN_CODE_HASH_MISMATCH'
  /** The UN/LOCODE is, or was, a member's. */
  | 'ERR_CHAIN_LOCODE_IN_USE'
  /** The decentralised identifier is, or was, a member's. */
  | 'ERR_CHAIN_DID_IN_USE'
  /** The account acts, or acted, for a member. */
  | 'ERR_CHAIN_CONTROLLER_IN_USE'
  /** No such city is a member. */
  | 'ERR_CHAIN_CITY_UNKNOWN'
  /** A time that must lie ahead has passed. */
  | 'ERR_CHAIN_UNTIL_PAST'
  /** The index cannot read an event of our own contracts. */
  | 'ERR_CHAIN_EVENT_UNREADABLE'
  /** A status list is open in a contract, and no reader can know: it cannot be gone on with there. */
  | 'ERR_CHAIN_LIST_BROKEN'
  /** Asked for the state as of a block or time that the index has not reached. */
  | 'ERR_CHAIN_BLOCK_AHEAD'
  /** Asked for the state as of a block or time before the contracts were there. */
  | 'ERR_CHAIN_BLOCK_TOO_EARLY'
  | 'ERR_CHAIN_ENGINE_MISSING'
  | 'ERR_CHAIN_ENGINE_FAILED'
  | 'ERR_CHAIN_PORT_BUSY'
  | 'ERR_CHAIN_STATE_DAMAGED'

/** Everything this room throws on purpose. */
export class ChainError extends SymbolonError<ChainErrorCode> {}

/** The JSON-RPC error object behind an error, as this room's client or ethers carry it. */
export function rpcErrorOf(error: unknown): { code?: number; message?: string; data?: unknown } | undefined {
  const seen = new Set<unknown>()
  let current = error
  while (typeof current === 'object' && current !== null && !seen.has(current)) {
    seen.add(current)
    const candidate = current as { code?: unknown; message?: unknown; cause?: unknown; error?: unknown; info?: { error?: unknown } }
    if (typeof candidate.code === 'number' && typeof candidate.message === 'string') {
      return current as { code: number; message: string; data?: unknown }
    }
    current = candidate.info?.error ?? candidate.error ?? candidate.cause
  }
  return undefined
}
