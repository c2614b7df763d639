import { encodeCall, type MethodArgs, type MethodName } from './contracts.ts'
import type { ContractBook } from './contract-book.ts'
import type { ContractName } from './deployment.ts'
import { ChainError } from './errors.ts'
import { decodeRevert, isRevert, type Revert } from './reverts.ts'
import { withChainErrors, type ChainProvider } from './rpc.ts'

/**
 * Tries a call as an account would send it now: undefined when it would pass, the decoded revert when not. Nothing is sent.
 * Tried in the block that comes next, for what is possible may hang on its time.
 *
 * @throws ChainError `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_CALL_INVALID`, `ERR_CHAIN_TARGET_UNKNOWN`
 */
export async function rehearseCall<C extends ContractName, M extends MethodName<C>>(
  provider: ChainProvider,
  book: Pick<ContractBook, 'current'>,
  from: string,
  call: { readonly contract: C; readonly method: M; readonly args: MethodArgs<C, M> }
): Promise<Revert | undefined> {
  const data = encodeCall(call.contract, call.method, call.args)
  const to = book.current[call.contract]
  // As the outbox would: nothing is sent to a contract that the cities took out.
  if (to === undefined) throw new ChainError('ERR_CHAIN_TARGET_UNKNOWN', `the federation has no ${call.contract} any more: it was taken out of the Directory`)
  try {
    await withChainErrors(provider).send('eth_call', [{ from, to, data }, 'pending'])
    return undefined
  } catch (error) {
    if (!isRevert(error)) throw error
    return decodeRevert(error)
  }
}
