import { contractInterfaces } from '../../chain/contracts.ts'
import { toLocode } from '../../chain/indexer/event-args.ts'

/** What a call of a contract says: method and arguments by name, as JSON. Empty where it is none of the contract's. */
export function decodeCall(contract: string, calldata: string): { readonly method: string; readonly arguments: string } {
  const unknown = { method: '', arguments: '' }
  const abi = Object.entries(contractInterfaces).find(([name]) => name === contract)?.[1]
  if (abi === undefined) return unknown
  try {
    const call = abi.parseTransaction({ data: calldata })
    if (call === null) return unknown
    const named = call.fragment.inputs.map((input, index) => [input.name, toPlain(input.type, call.args[index])])
    return { method: call.name, arguments: JSON.stringify(Object.fromEntries(named)) }
  } catch {
    // Arguments that do not fit the method: the call will revert, and its bytes stand beside.
    return unknown
  }
}

function toPlain(type: string, value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[])].map((item) => toPlain(type.replace(/\[\d*\]$/, ''), item))
  if (type === 'bytes5') return toLocode(value)
  return typeof value === 'bigint' ? String(value) : value
}
