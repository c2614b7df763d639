import { getAddress, hexlify, isAddress, toUtf8Bytes, ZeroAddress } from 'ethers'
import { ChainError } from '../../chain/errors.ts'
import { adviceOf } from '../../chain/revert-advice.ts'
import type { CommandInput, CommandOption } from '../lib/command-line.ts'
import type { FederationAt } from '../lib/federation-at.ts'
import { UsageError } from '../lib/setup-error.ts'

export const locodeOption = {
  locode: { value: 'CODE', about: 'the city’s UN/LOCODE, such as PTOPO', required: true }
} as const satisfies Record<string, CommandOption>

/** As `ICityRegistry.CityStatus` counts them. */
const statuses = ['unknown', 'admitted, not active yet', 'active', 'suspended', 'removed'] as const

/** A city as the registry has it now. */
export interface CityAt {
  readonly locode: string
  /** The UN/LOCODE as `bytes5`. */
  readonly id: string
  readonly name: string
  readonly status: typeof statuses[number]
  readonly suspendedUntilSeconds: number
  readonly controller: string
  readonly recovery: string
  readonly offer: { readonly account: string; readonly acceptableFromSeconds: number; readonly isProtected: boolean } | undefined
}

/** @throws UsageError when the option is no UN/LOCODE */
export function locodeOf(input: CommandInput): string {
  const locode = input.text('locode').toUpperCase()
  if (!/^[A-Z]{2}[A-Z2-9]{3}$/.test(locode)) throw new UsageError(`--locode takes a UN/LOCODE without a space, such as PTOPO, not "${input.text('locode')}".`)
  return locode
}

/** @throws UsageError when the option is no account, or has a mistyped letter that its checksum tells */
export function accountOf(input: CommandInput, name: string): string {
  const text = input.text(name)
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new UsageError(`--${name} takes an account: 0x and 40 hexadecimal digits, not "${text}".`)
  if (!isAddress(text)) throw new UsageError(`--${name} ${text} is mistyped: its checksum does not fit.`)
  if (text === ZeroAddress) throw new UsageError(`--${name} takes an account, not zero.`)
  return getAddress(text)
}

/** @throws ChainError `ERR_CHAIN_CITY_UNKNOWN` when it is not, and never was, a member */
export async function readCity({ contracts }: FederationAt, locode: string): Promise<CityAt> {
  const id = hexlify(toUtf8Bytes(locode))
  const city = await contracts.CityRegistry.cityOf(id)
  if (city.status === 0n) throw new ChainError('ERR_CHAIN_CITY_UNKNOWN', `There is no city ${locode} in the registry. ${adviceOf('ERR_CHAIN_CITY_UNKNOWN')}`)
  return {
    locode, id, name: city.name, status: statuses[Number(city.status)] ?? 'unknown', suspendedUntilSeconds: Number(city.suspendedUntil),
    controller: city.controller, recovery: city.recovery,
    offer: city.pendingController === ZeroAddress
      ? undefined
      : { account: city.pendingController, acceptableFromSeconds: Number(city.acceptableFrom), isProtected: city.offerProtected }
  }
}
