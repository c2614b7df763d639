import { encodeCall, type MethodArgs, type MethodName } from './contracts.ts'
import type { ContractName, Deployment } from './deployment.ts'
import { decodeRevert, isRevert, type Revert } from './reverts.ts'
import { withChainErrors, type ChainProvider } from './rpc.ts'

/**
 * Tries a call as an account would send it now: undefined when it would pass, the decoded revert when not. Nothing is sent.
 * Tried in the block that comes next, for what is possible may hang on its time.
 *
 * @throws ChainError `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_CALL_INVALID`
 */
export async function rehearseCall<C extends ContractName, M extends MethodName<C>>(
  provider: ChainProvider,
  deployment: Deployment,
  from: string,
  call: { readonly contract: C; readonly method: M; readonly args: MethodArgs<C, M> }
): Promise<Revert | undefined> {
  const data = encodeCall(call.contract, call.method, call.args)
  try {
    await withChainErrors(provider).send('eth_call', [{ from, to: deployment.contracts[call.contract], data }, 'pending'])
    return undefined
  } catch (error) {
    if (!isRevert(error)) throw error
    return decodeRevert(error)
  }
}
