import { expect } from 'chai'
import { SigningKey, computeAddress } from 'ethers'
import { PermissioningError, type PermissioningErrorCode } from '../../../chain/permissioning/errors.ts'
import type { Membership, MemberCity } from '../../../chain/permissioning/membership.ts'
import { parseNetwork, type Network } from '../../../chain/permissioning/network.ts'

/** A private key for each small number. */
export function keyOf(number: number): SigningKey {
  return new SigningKey(`0x${number.toString(16).padStart(64, '0')}`)
}

const addresses = new Map<number, string>()

export function addressOf(number: number): string {
  const address = addresses.get(number) ?? computeAddress(keyOf(number))
  addresses.set(number, address)
  return address
}

/** A node as a network file has it; its key is that of `number`. */
export function nodeEntry(number: number, city: string, more: object = {}) {
  return { name: `node-${number}`, city, role: 'validator', founding: true, host: `10.0.0.${number}`, publicKey: `0x${keyOf(number).publicKey.slice(4)}`, ...more }
}

/** Four founding validators, two of each city, and one member node of each; what a network file says as an object. */
export function fourValidators(more: object = {}) {
  return {
    version: 1,
    chain: { chainId: 7411 },
    nodes: [
      nodeEntry(1, 'PTOPO'), nodeEntry(2, 'PTOPO'), nodeEntry(3, 'FRCFE'), nodeEntry(4, 'FRCFE'),
      nodeEntry(5, 'PTOPO', { role: 'member', founding: false }), nodeEntry(6, 'FRCFE', { role: 'member', founding: false })
    ],
    foundingAccounts: [addressOf(90)],
    relayers: [{ city: 'PTOPO', account: addressOf(70) }, { city: 'FRCFE', account: addressOf(71) }],
    ...more
  }
}

export function network(more: object = {}): Network {
  return parseNetwork(fourValidators(more))
}

export function city(locode: string, status: MemberCity['status'], ...accounts: readonly string[]): MemberCity {
  return { locode, status, accounts }
}

export function membership(cities: readonly MemberCity[], more: Partial<Membership> = {}): Membership {
  return { block: 7, cities, merchants: [], ...more }
}

export const names = (nodes: readonly { readonly name: string }[]): string[] => nodes.map((node) => node.name)

/** Expects an act to be refused at once, with a code of permissioning. */
export function expectCode(act: () => unknown, code: PermissioningErrorCode): PermissioningError {
  let thrown: unknown
  try {
    act()
  } catch (error) {
    thrown = error
  }
  return asRefusal(thrown, code)
}

/** Expects a promise to be refused, with a code of permissioning. */
export async function expectRefusal(promise: Promise<unknown>, code: PermissioningErrorCode): Promise<PermissioningError> {
  return asRefusal(await promise.then(() => undefined, (error: unknown) => error), code)
}

function asRefusal(thrown: unknown, code: PermissioningErrorCode): PermissioningError {
  expect(thrown, `refused with ${code}`).to.be.instanceOf(PermissioningError)
  expect((thrown as PermissioningError).code).to.equal(code)
  return thrown as PermissioningError
}
