import { Interface, type Result } from 'ethers'
import { errorsAbi } from '../../../chain/abi/errors.ts'
import { contractAbis } from '../../../chain/contracts.ts'
import { connect } from '../../evm/connect.ts'
import { Refusal } from './refusal.ts'

type ContractName = keyof typeof contractAbis

/** Roomy enough for anything the tests send; not estimated, because what is refused is sent as well. */
const gas = '0x1000000'

const errors = new Interface(errorsAbi)
const interfaces = new Map(Object.entries(contractAbis).map(([name, abi]) => [name, new Interface(abi as readonly object[])]))

/** A number or text as both sides write it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'number' ? String(value) : value
}

/** What the chain says of a call or a transaction. */
export function refusalIn(error: unknown): string {
  const { data, message } = error as { data?: unknown; message: string }
  const bytes = typeof data === 'string' ? data : (data as { data?: string } | undefined)?.data
  if (bytes === undefined) throw new Error(`neither done nor refused: ${message}`, { cause: error })
  const parsed = errors.parseError(bytes)
  if (parsed === null) throw new Error(`an error that no contract declares: ${bytes} (${message})`, { cause: error })
  return new Refusal(parsed.name, (parsed.args as Result).toArray().map(plain)).text
}

/** A chain driven without anything in between: what is sent is mined at once, at the time given. */
export async function createChain() {
  const { provider, ethers } = await connect()
  const accounts = (await provider.request({ method: 'eth_accounts' }) as string[]).map((account) => ethers.getAddress(account))
  const addresses = new Map<string, string>()

  const encode = (name: ContractName, method: string, args: readonly unknown[]): string => {
    const found = interfaces.get(name)
    if (found === undefined) throw new Error(`no contract ${name}`)
    return found.encodeFunctionData(method, args)
  }

  return {
    accounts,
    provider,
    encode,
    address: (name: string): string => addresses.get(name) ?? '',
    /** Deploys under the contract's name, or another one. */
    async deploy(name: ContractName, args: readonly unknown[], as: string = name): Promise<string> {
      const contract = await ethers.deployContract(name, [...args])
      addresses.set(as, await contract.getAddress())
      return await contract.getAddress()
    },
    register(as: string, address: string): void {
      addresses.set(as, address)
    },
    async time(): Promise<number> {
      return (await ethers.provider.getBlock('latest'))?.timestamp ?? 0
    },
    /** @returns the refusal, or undefined when the transaction did what it should */
    async send(from: string, name: ContractName, method: string, args: readonly unknown[], time?: number): Promise<string | undefined> {
      if (time !== undefined) await provider.request({ method: 'evm_setNextBlockTimestamp', params: [time] })
      try {
        await provider.request({ method: 'eth_sendTransaction', params: [{ from, to: addresses.get(name), data: encode(name, method, args), gas }] })
        return undefined
      } catch (error) {
        return refusalIn(error)
      }
    },
    async read(name: ContractName, method: string, args: readonly unknown[]): Promise<unknown> {
      const data = await provider.request({ method: 'eth_call', params: [{ to: addresses.get(name), data: encode(name, method, args) }, 'latest'] }) as string
      const decoded = interfaces.get(name)?.decodeFunctionResult(method, data).toArray(true).map(plain) ?? []
      return decoded.length === 1 ? decoded[0] : decoded
    },
    async snapshot(): Promise<string> {
      return await provider.request({ method: 'evm_snapshot' }) as string
    },
    async revert(snapshot: string): Promise<void> {
      await provider.request({ method: 'evm_revert', params: [snapshot] })
    },
  }
}

/** What {@link createChain} makes. */
export type Chain = Awaited<ReturnType<typeof createChain>>
