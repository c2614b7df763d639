import { getAddress, keccak256, ZeroAddress, type Wallet } from 'ethers'
import { contractInterfaces, encodeCall, type MethodArgs, type MethodName } from '../../../chain/contracts.ts'
import type { ContractName, Deployment } from '../../../chain/deployment.ts'
import { decodeRevert } from '../../../chain/reverts.ts'
import type { ChainProvider } from '../../../chain/rpc.ts'

/** Sends transactions as any wallet, mined at once, on any engine. */
export class Sender {
  readonly provider: ChainProvider
  readonly deployment: Deployment

  constructor(provider: ChainProvider, deployment: Deployment) {
    this.provider = provider
    this.deployment = deployment
  }

  async call<C extends ContractName, M extends MethodName<C>>(from: Wallet, contract: C, method: M, args: MethodArgs<C, M>) {
    return await this.raw(from, contract, encodeCall(contract, method, args))
  }

  /** Sends bytes that no encoder of ours would write. */
  async raw(from: Wallet, contract: ContractName, data: string): Promise<{ gasUsed: bigint; blockNumber: number; transactionHash: string }> {
    return await this.#send(from, this.deployment.contracts[contract], data)
  }

  /** Deploys a contract; resolves to its address. */
  async deploy(from: Wallet, bytecode: string): Promise<string> {
    return (await this.#send(from, null, bytecode)).contractAddress
  }

  async #send(from: Wallet, to: string | null, data: string) {
    const { provider, deployment } = this
    const nonce = Number(await provider.send('eth_getTransactionCount', [from.address, 'latest']))
    const fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }
    const transaction = { type: 2, chainId: deployment.chainId, nonce, to, data, gasLimit: 15_000_000n, ...fees }
    const hash = String(await provider.send('eth_sendRawTransaction', [await from.signTransaction(transaction)]))
    const receipt = await this.#receipt(hash)
    if (receipt?.['status'] !== '0x1') {
      const refusal: unknown = await provider.send('eth_call', [{ from: from.address, to, data }, 'latest']).catch((error: unknown) => error)
      throw new Error(`a transaction to ${to ?? 'a new contract'} was not mined or reverted: ${decodeRevert(refusal).detail}`)
    }
    return {
      gasUsed: BigInt(receipt['gasUsed'] ?? 0),
      blockNumber: Number(receipt['blockNumber']),
      transactionHash: hash,
      contractAddress: getAddress(receipt['contractAddress'] ?? ZeroAddress)
    }
  }

  /** An engine may answer before it has mined what it was given. */
  async #receipt(hash: string): Promise<Record<string, string> | undefined> {
    for (const until = Date.now() + 5_000; Date.now() < until; ) {
      const receipt = (await this.provider.send('eth_getTransactionReceipt', [hash])) as Record<string, string> | null
      if (receipt) return receipt
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return undefined
  }

  async nowSeconds(): Promise<number> {
    const block = (await this.provider.send('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
    return Number(block.timestamp)
  }

  /** Lets time pass: the next block is so many seconds later. */
  async pass(seconds: number): Promise<void> {
    await this.provider.send('evm_increaseTime', [seconds])
    await this.provider.send('evm_mine', [])
  }
}

/** The id of the proposal that a transaction made. */
export async function proposalIdOf({ provider }: Sender, transactionHash: string): Promise<bigint> {
  const receipt = (await provider.send('eth_getTransactionReceipt', [transactionHash])) as { logs: { topics: string[]; data: string }[] }
  for (const log of receipt.logs) {
    const event = contractInterfaces.Federation.parseLog(log)
    if (event?.name === 'ProposalCreated') return event.args['proposalId'] as bigint
  }
  throw new Error('the transaction made no proposal')
}

export async function codeHashOf({ provider }: Sender, address: string): Promise<string> {
  return keccak256(String(await provider.send('eth_getCode', [address, 'latest'])))
}
