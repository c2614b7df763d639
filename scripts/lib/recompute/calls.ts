import { Interface } from 'ethers'
import { toCity } from './ledger.ts'

const ownership = ['acceptOwnership()', 'transferOwnership(address newOwner)']

/** What the cities can decide on, as the contracts take it. */
const methods: Readonly<Record<string, readonly string[]>> = {
  CityRegistry: [
    'admit(bytes5 city, string name, string did, address controller, address recovery, string serviceUrl)',
    'activate(bytes5 city, bytes32 agreementHash, bytes32 dpiaHash)', 'suspend(bytes5 city, uint16 reason, uint64 until)', 'reinstate(bytes5 city)',
    'remove(bytes5 city)', 'setRotationDelay(uint32 delay)', 'offerController(bytes5 city, address controller)', 'vetoController(bytes5 city)',
    'changeRecovery(bytes5 city, address recovery)', ...ownership,
  ],
  Directory: ['set(bytes32 name, address target, bytes32 codeHash)', ...ownership],
  RewardPrograms: ['fundShared(bytes32 program, uint256 units)', 'endShared(bytes32 program, uint64 until)', ...ownership],
  RewardToken: ['setOperator(address operator, bool allowed)', ...ownership],
  Guardian: ['appoint(address account)', 'clear(address target)', ...ownership],
  Federation: ['setVotingDelay(uint48 newVotingDelay)', 'setVotingPeriod(uint32 newVotingPeriod)', 'updateQuorumNumerator(uint256 newQuorumNumerator)'],
  Timelock: ['updateDelay(uint256 newDelay)'],
}

const interfaces = new Map(Object.entries(methods).map(([name, lines]) => [name, new Interface(lines.map((line) => `function ${line}`))]))

/** Reads a call of a contract; undefined when it is none that this script knows. */
export function readCall(contract: string, calldata: string): { readonly method: string; readonly arguments: string } | undefined {
  const call = parseCall(contract, calldata)
  return call === undefined ? undefined : { method: call.method, arguments: JSON.stringify(call.named) }
}

/** A call of a contract with its arguments by name: whole numbers as decimal text, UN/LOCODEs in letters. */
export function parseCall(contract: string, calldata: string): { readonly method: string; readonly named: Readonly<Record<string, unknown>> } | undefined {
  try {
    const call = interfaces.get(contract)?.parseTransaction({ data: calldata })
    if (call == null) return undefined
    const named = call.fragment.inputs.map(({ name, type }, i) => {
      const value: unknown = call.args[i]
      return [name, type === 'bytes5' ? toCity(value) : typeof value === 'bigint' ? String(value) : value]
    })
    return { method: call.name, named: Object.fromEntries(named) as Record<string, unknown> }
  } catch {
    // Arguments that do not fit the method.
    return undefined
  }
}
