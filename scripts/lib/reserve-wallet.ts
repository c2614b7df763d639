import { Wallet, type TransactionRequest } from 'ethers'

/**
 * A wallet whose transactions may use more gas than was estimated. What a call costs can hang on the second it is mined in:
 * a seat given out in the same second as another one shares its checkpoint of votes, a second later it writes its own.
 */
export class ReserveWallet extends Wallet {
  override async estimateGas(transaction: TransactionRequest): Promise<bigint> {
    return (await super.estimateGas(transaction)) * 5n / 4n + 60_000n
  }
}
