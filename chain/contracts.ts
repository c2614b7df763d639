import { Contract, Interface, type BaseContract, type ContractRunner, type ContractTransactionResponse } from 'ethers'
import { anchorsAbi } from './abi/anchors.ts'
import { cityRegistryAbi } from './abi/city-registry.ts'
import { citySeatAbi } from './abi/city-seat.ts'
import { directoryAbi } from './abi/directory.ts'
import { federationAbi } from './abi/federation.ts'
import { guardianAbi } from './abi/guardian.ts'
import { issuerRegistryAbi } from './abi/issuer-registry.ts'
import { recognitionRegistryAbi } from './abi/recognition-registry.ts'
import { rewardProgramsAbi } from './abi/reward-programs.ts'
import { rewardTokenAbi } from './abi/reward-token.ts'
import { settlementAbi } from './abi/settlement.ts'
import { statusListsAbi } from './abi/status-lists.ts'
import { timelockAbi } from './abi/timelock.ts'
import { contractNames, type ContractName, type Deployment } from './deployment.ts'
import { ChainError } from './errors.ts'

export const contractAbis = {
  Directory: directoryAbi,
  CityRegistry: cityRegistryAbi,
  IssuerRegistry: issuerRegistryAbi,
  RecognitionRegistry: recognitionRegistryAbi,
  StatusLists: statusListsAbi,
  Anchors: anchorsAbi,
  RewardToken: rewardTokenAbi,
  RewardPrograms: rewardProgramsAbi,
  Settlement: settlementAbi,
  CitySeat: citySeatAbi,
  Federation: federationAbi,
  Timelock: timelockAbi,
  Guardian: guardianAbi
} as const satisfies Record<ContractName, readonly object[]>

type Abis = typeof contractAbis
interface Parameter {
  readonly name: string
  readonly type: string
  readonly components?: readonly Parameter[]
}
type Entry<C extends ContractName, Type extends string> = Extract<Abis[C][number], { readonly type: Type }>

/** The TypeScript form of an ABI parameter that goes in. Whole numbers may be numbers where they are safe. */
type Input<P extends Parameter, Type extends string = P['type']> = Type extends `${infer Item}[]`
  ? readonly Input<P, Item>[]
  : Type extends 'tuple'
    ? { readonly [Part in NonNullable<P['components']>[number] as Part['name']]: Input<Part> }
    : Type extends 'bool'
      ? boolean
      : Type extends 'string' | 'address'
        ? string
        : Type extends `bytes${string}`
          ? string | Uint8Array
          : number | bigint

/** The TypeScript form of an ABI parameter that comes out of ethers. */
type Output<P extends Parameter, Type extends string = P['type']> = Type extends `${infer Item}[]`
  ? readonly Output<P, Item>[]
  : Type extends 'tuple'
    ? { readonly [Part in NonNullable<P['components']>[number] as Part['name']]: Output<Part> }
    : Type extends 'bool'
      ? boolean
      : Type extends 'string' | 'address' | `bytes${string}`
        ? string
        : bigint

type Inputs<Parameters extends readonly Parameter[]> = { readonly [Index in keyof Parameters]: Input<Parameters[Index]> }
type Outputs<Parameters extends readonly Parameter[]> = Parameters extends readonly []
  ? undefined
  : Parameters extends readonly [infer Only extends Parameter]
    ? Output<Only>
    : { readonly [Part in Parameters[number] as Part['name']]: Output<Part> }

type Function<C extends ContractName, M> = Extract<Entry<C, 'function'>, { readonly name: M }>

/** Methods of a contract that change its state: what the outbox can send. */
export type MethodName<C extends ContractName> = Extract<Entry<C, 'function'>, { readonly stateMutability: 'nonpayable' | 'payable' }>['name']
export type MethodArgs<C extends ContractName, M extends string> = Inputs<Function<C, M>['inputs']>

type ViewName<C extends ContractName> = Exclude<Entry<C, 'function'>['name'], MethodName<C>>

/** A client of one contract: views resolve to their values, other methods to the transaction that was sent. */
export type ContractClient<C extends ContractName> = Omit<BaseContract, ViewName<C> | MethodName<C>> & {
  readonly [M in ViewName<C>]: (...args: MethodArgs<C, M>) => Promise<Outputs<Function<C, M>['outputs']>>
} & {
  readonly [M in MethodName<C>]: (...args: MethodArgs<C, M>) => Promise<ContractTransactionResponse>
}

export const contractInterfaces = Object.fromEntries(
  contractNames.map((name) => [name, new Interface(contractAbis[name])])
) as Record<ContractName, Interface>

/** Whether the guardian can stop new entries of a contract: it says which Guardian it asks. The Guardian names who may pause instead. */
export function isPausable(contract: string): boolean {
  const name = contractNames.find((known) => known === contract)
  return name !== undefined && name !== 'Guardian' && contractInterfaces[name].hasFunction('guardian')
}

/**
 * Encodes a call, hex.
 *
 * @throws ChainError `ERR_CHAIN_CALL_INVALID` when there is no such method or the arguments do not fit it.
 */
export function encodeCall<C extends ContractName, M extends MethodName<C>>(contract: C, method: M, args: MethodArgs<C, M>): string {
  try {
    return contractInterfaces[contract].encodeFunctionData(method, args as unknown as unknown[])
  } catch (cause) {
    throw new ChainError('ERR_CHAIN_CALL_INVALID', `not a call of ${contract}.${method}`, { cause })
  }
}

/** Makes typed ethers clients of all contracts of a deployment: for deployment scripts and tests; services use outbox and index. */
export function createContracts(deployment: Deployment, runner: ContractRunner): { readonly [C in ContractName]: ContractClient<C> } {
  const clients = contractNames.map((name) => [name, new Contract(deployment.contracts[name], contractInterfaces[name], runner)])
  return Object.fromEntries(clients) as { readonly [C in ContractName]: ContractClient<C> }
}
