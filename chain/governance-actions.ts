import { decodeBytes32String, encodeBytes32String, getAddress, hexlify, isAddress, toUtf8Bytes, ZeroAddress, ZeroHash } from 'ethers'
import { encodeCall, contractInterfaces } from './contracts.ts'
import type { ContractBook } from './contract-book.ts'
import type { ContractName } from './deployment.ts'
import { ChainError, type ChainErrorCode } from './errors.ts'
import type { ParameterName } from './governance-tables.ts'

/** What the federation can decide, in words. Cities by UN/LOCODE, times in Unix seconds. */
export type FederationAction =
  | {
      readonly type: 'admit'
      readonly city: string
      readonly name: string
      readonly did: string
      readonly controller: string
      readonly recovery: string
      readonly serviceUrl: string
    }
  | { readonly type: 'activate'; readonly city: string; readonly agreementHash: string; readonly dpiaHash: string }
  | { readonly type: 'suspend'; readonly city: string; readonly reason: number; readonly untilSeconds: number }
  | { readonly type: 'reinstate'; readonly city: string }
  | { readonly type: 'remove'; readonly city: string }
  /** Seconds; the quorum in per cent of all seats. */
  | { readonly type: 'set_parameter'; readonly parameter: ParameterName; readonly value: number }
  /** The zero address, with a hash of zero, takes the name out. */
  | { readonly type: 'point_directory'; readonly name: string; readonly target: string; readonly codeHash: string }
  | { readonly type: 'fund_shared'; readonly programId: string; readonly units: bigint }
  | { readonly type: 'end_shared'; readonly programId: string; readonly untilSeconds: number }
  | { readonly type: 'clear_pause'; readonly target: string }
  /** The zero address: nobody may pause. */
  | { readonly type: 'appoint_guardian'; readonly account: string }
  /** For a suspended city: its keys were stolen. The zero address takes an offer back. */
  | { readonly type: 'offer_controller'; readonly city: string; readonly account: string }
  | { readonly type: 'veto_controller'; readonly city: string }
  | { readonly type: 'change_recovery'; readonly city: string; readonly account: string }
  /** Lets a contract make, move and burn points, or no longer: a new RewardPrograms or Settlement needs it. */
  | { readonly type: 'set_operator'; readonly account: string; readonly allowed: boolean }
  /** Takes over a contract that was offered to the federation: a new version, before a name points to it. */
  | { readonly type: 'accept_ownership'; readonly target: string }

/** A call that is none of these: only its bytes can be shown. */
export interface UnknownAction {
  readonly type: 'unknown'
  readonly target: string
  readonly value: bigint
  readonly data: string
}

/** What is wrong with a call that somebody proposed: anybody with a seat may propose any bytes, past every form. */
export interface ActionFault {
  readonly code: Extract<
    ChainErrorCode,
    'ERR_CHAIN_CALLDATA_INVALID' | 'ERR_CHAIN_METHOD_UNKNOWN' | 'ERR_CHAIN_TARGET_UNKNOWN' | 'ERR_CHAIN_VALUE_NOT_ZERO' | 'ERR_CHAIN_ACTION_INVALID'
  >
  /** Addresses, numbers and names, never personal data. */
  readonly detail: string
}

/** An action of a proposal, with the contract that it calls, when that is or was one of the federation's. */
export type DecodedAction = (FederationAction | UnknownAction) & { readonly contract?: ContractName; readonly fault?: ActionFault }

/** One of several actions cannot be taken. */
export class ActionError extends ChainError {
  /** Which, from zero. */
  readonly position: number

  constructor(refused: ChainError, position: number) {
    super(refused.code, refused.message, { cause: refused })
    this.position = position
  }
}

/** What `Federation.propose` takes. */
export interface Calls {
  readonly targets: readonly string[]
  readonly values: readonly bigint[]
  /** 0x and hexadecimal digits. */
  readonly calldatas: readonly string[]
}

/** Limits that the contracts set on parameters: the smallest and the largest value. */
export const parameterLimits: Readonly<Record<ParameterName, readonly [least: number, most: number]>> = {
  votingDelay: [0, 30 * 86_400],
  votingPeriod: [1, 90 * 86_400],
  quorumNumerator: [1, 100],
  timelockDelay: [0, 30 * 86_400],
  rotationDelay: [1, 30 * 86_400]
}

const parameterMethods = {
  votingDelay: ['Federation', 'setVotingDelay'],
  votingPeriod: ['Federation', 'setVotingPeriod'],
  quorumNumerator: ['Federation', 'updateQuorumNumerator'],
  timelockDelay: ['Timelock', 'updateDelay'],
  rotationDelay: ['CityRegistry', 'setRotationDelay']
} as const satisfies Record<ParameterName, readonly [ContractName, string]>

/**
 * Writes actions as the calls of a proposal.
 *
 * @throws ActionError `ERR_CHAIN_ACTION_INVALID` when a value is missing or out of range, `ERR_CHAIN_TARGET_UNKNOWN` when
 *   the contract was taken out of the Directory
 */
export function encodeActions(actions: readonly FederationAction[], book: ContractBook): Calls {
  if (actions.length === 0) throw new ChainError('ERR_CHAIN_ACTION_INVALID', 'a proposal has at least one action')
  const calls = actions.map((action, position) => {
    try {
      return encodeAction(action, book)
    } catch (error) {
      throw error instanceof ChainError ? new ActionError(error, position) : error
    }
  })
  return { targets: calls.map((call) => call.target), values: calls.map(() => 0n), calldatas: calls.map((call) => call.data) }
}

function encodeAction(action: FederationAction, book: ContractBook): { target: string; data: string } {
  requireSense(action)
  if (action.type === 'accept_ownership') {
    return { target: getAddress(action.target), data: encodeCall('Directory', 'acceptOwnership', []) }
  }
  const [contract, data] = toCall(action)
  const target = book.current[contract]
  if (target === undefined) throw new ChainError('ERR_CHAIN_TARGET_UNKNOWN', `the federation has no ${contract} any more: it was taken out of the Directory`)
  return { target: getAddress(target), data }
}

function toCall(action: Exclude<FederationAction, { type: 'accept_ownership' }>): [ContractName, string] {
  const registry = 'CityRegistry'
  switch (action.type) {
    case 'admit': {
      const { name, did, controller, recovery, serviceUrl } = action
      return [registry, encodeCall(registry, 'admit', [toCityId(action.city), name, did, controller, recovery, serviceUrl])]
    }
    case 'activate':
      return [registry, encodeCall(registry, 'activate', [toCityId(action.city), action.agreementHash, action.dpiaHash])]
    case 'suspend':
      return [registry, encodeCall(registry, 'suspend', [toCityId(action.city), action.reason, action.untilSeconds])]
    case 'reinstate':
      return [registry, encodeCall(registry, 'reinstate', [toCityId(action.city)])]
    case 'remove':
      return [registry, encodeCall(registry, 'remove', [toCityId(action.city)])]
    case 'offer_controller':
      return [registry, encodeCall(registry, 'offerController', [toCityId(action.city), action.account])]
    case 'veto_controller':
      return [registry, encodeCall(registry, 'vetoController', [toCityId(action.city)])]
    case 'change_recovery':
      return [registry, encodeCall(registry, 'changeRecovery', [toCityId(action.city), action.account])]
    case 'set_parameter': {
      const [contract, method] = parameterMethods[action.parameter]
      return [contract, encodeCall(contract, method, [action.value])]
    }
    case 'point_directory':
      return ['Directory', encodeCall('Directory', 'set', [encodeBytes32String(action.name), action.target, action.codeHash])]
    case 'fund_shared':
      return ['RewardPrograms', encodeCall('RewardPrograms', 'fundShared', [action.programId, action.units])]
    case 'end_shared':
      return ['RewardPrograms', encodeCall('RewardPrograms', 'endShared', [action.programId, action.untilSeconds])]
    case 'clear_pause':
      return ['Guardian', encodeCall('Guardian', 'clear', [action.target])]
    case 'set_operator':
      return ['RewardToken', encodeCall('RewardToken', 'setOperator', [action.account, action.allowed])]
    case 'appoint_guardian':
      return ['Guardian', encodeCall('Guardian', 'appoint', [action.account])]
  }
}

/** Refuses what no contract would ever take. */
function requireSense(action: FederationAction): void {
  const require = (holds: boolean, message: string) => {
    if (!holds) throw new ChainError('ERR_CHAIN_ACTION_INVALID', `${action.type}: ${message}`)
  }
  if ('city' in action) require(/^[A-Z]{2}[A-Z2-9]{3}$/.test(action.city), 'a city is named by its UN/LOCODE, such as PTOPO')
  if ('account' in action) require(isAddress(action.account), 'the account is not an address')
  if ('target' in action) require(isAddress(action.target), 'the target is not an address')
  if ('untilSeconds' in action) require(isWhole(action.untilSeconds) && action.untilSeconds > 0, 'the end is a time in whole seconds')
  if ('programId' in action) require(isHash(action.programId), 'a programme is named by 32 bytes')
  switch (action.type) {
    case 'admit': {
      const length = toUtf8Bytes(action.name).length
      require(length >= 1 && length <= 64, 'a name is 1 to 64 bytes long')
      require(action.did.startsWith('did:'), 'a decentralised identifier begins with did:')
      require(URL.canParse(action.serviceUrl), 'the service URL is no URL')
      require(isAccount(action.controller), 'the controller is not an account')
      require(isAccount(action.recovery), 'the recovery account is not an account')
      require(!isSameAddress(action.controller, action.recovery), 'controller and recovery are different accounts')
      return
    }
    case 'activate':
      require([action.agreementHash, action.dpiaHash].every((hash) => isHash(hash) && hash !== ZeroHash), 'both documents need their SHA-256')
      return
    case 'suspend':
      require(isWhole(action.reason) && action.reason >= 1 && action.reason <= 65_535, 'the reason is a code from 1 on')
      return
    case 'set_parameter': {
      const limits = Object.hasOwn(parameterLimits, action.parameter) ? parameterLimits[action.parameter] : undefined
      require(limits !== undefined, 'no such parameter')
      const [least, most] = limits ?? [0, 0]
      require(isWhole(action.value) && action.value >= least && action.value <= most, `${action.parameter} is ${least} to ${most}`)
      return
    }
    case 'point_directory':
      require(/^[\x21-\x7e]{1,31}$/.test(action.name), 'a name is 1 to 31 ASCII characters')
      require(isHash(action.codeHash), 'the code hash is 32 bytes')
      require((action.target === ZeroAddress) === (action.codeHash === ZeroHash), 'only a name that is taken out has a hash of zero')
      return
    case 'fund_shared':
      require(action.units > 0n && action.units < 2n ** 256n, 'at least one unit')
      return
    case 'change_recovery':
      require(isAccount(action.account), 'the recovery account is not an account')
      return
    case 'set_operator':
      require(isAccount(action.account), 'the operator is not an account')
      return
    default:
  }
}

export interface DecodeOptions {
  /** Whether nothing more comes of the proposal: then a contract that was replaced since was the right one once. Default false. */
  readonly isOver?: boolean
}

/**
 * Says what calls mean, and reads them strictly: what is not exactly the bytes with which a decision of the federation is
 * written, to a contract that it has now, carries its fault. A call that has no name here is `unknown`. Never throws, for
 * anybody may propose anything.
 */
export function decodeCalls(calls: Calls, book: ContractBook, { isOver = false }: DecodeOptions = {}): readonly DecodedAction[] {
  const { targets, values, calldatas } = calls
  const isUneven = targets.length !== values.length || targets.length !== calldatas.length
  return targets.map((target, index) => {
    const [value, data] = [values[index] ?? 0n, (calldatas[index] ?? '0x').toLowerCase()]
    const contract = book.nameOf(target)
    const read: ReadCall = value === 0n ? readCall(contract, target, data) : faulty('ERR_CHAIN_VALUE_NOT_ZERO', `the call sends ${value} to ${getAddress(target)}`)
    const fault = isUneven
      ? faulty('ERR_CHAIN_CALLDATA_INVALID', `${targets.length} targets, ${values.length} values, ${calldatas.length} calldatas`).fault
      : read.fault ?? (isOver || read.action === undefined ? undefined : faultOfTarget(read.action, contract, target, book))
    const action = read.action ?? { type: 'unknown', target: getAddress(target), value, data }
    return { ...action, ...(contract && { contract }), ...(fault && { fault }) }
  })
}

interface ReadCall {
  readonly action?: FederationAction
  readonly fault?: ActionFault
}

function readCall(contract: ContractName | undefined, target: string, data: string): ReadCall {
  // Of a contract that is about to become one of the federation's: it stands in no book yet.
  if (data === encodeCall('Directory', 'acceptOwnership', [])) return { action: { type: 'accept_ownership', target: getAddress(target) } }
  if (contract === undefined) return faulty('ERR_CHAIN_TARGET_UNKNOWN', `${getAddress(target)} is none of the federation’s contracts`)
  const abi = contractInterfaces[contract]
  const selector = data.slice(0, 10)
  const method = selector.length === 10 ? abi.getFunction(selector) : null
  if (method === null) return faulty('ERR_CHAIN_METHOD_UNKNOWN', `${contract} has no function ${selector}`)
  const name = `${contract}.${method.name}`
  let args: unknown[]
  let action: FederationAction | undefined
  try {
    args = abi.decodeFunctionData(method, data).toArray() as unknown[]
    action = fromCall(name, args)
  } catch {
    return faulty('ERR_CHAIN_CALLDATA_INVALID', `the arguments of ${name} are cut short, or cannot be read`)
  }
  if (action === undefined && method.name !== 'acceptOwnership') return faulty('ERR_CHAIN_METHOD_UNKNOWN', `${name} is none of the federation’s decisions`)
  if (action === undefined || abi.encodeFunctionData(method, args) !== data) return { ...(action && { action }), ...faulty('ERR_CHAIN_CALLDATA_INVALID', `bytes to spare, or out of place, in the arguments of ${name}`) }
  try {
    requireSense(action)
    return { action }
  } catch (error) {
    return { action, ...faulty('ERR_CHAIN_ACTION_INVALID', error instanceof ChainError ? error.message : String(error)) }
  }
}

function faultOfTarget(action: FederationAction, contract: ContractName | undefined, target: string, book: ContractBook): ActionFault | undefined {
  if (action.type === 'accept_ownership' || contract === undefined || isSameAddress(book.current[contract] ?? ZeroAddress, target)) return undefined
  return faulty('ERR_CHAIN_TARGET_UNKNOWN', `the Directory no longer names this ${contract}, ${getAddress(target)}`).fault
}

function faulty(code: ActionFault['code'], detail: string): { readonly fault: ActionFault } {
  return { fault: { code, detail } }
}

function fromCall(call: string, args: readonly unknown[]): FederationAction | undefined {
  const text = (index: number) => String(args[index])
  /** "For ever" becomes the largest number that is still exact. */
  const number = (index: number) => Math.min(Number(args[index]), Number.MAX_SAFE_INTEGER)
  const parameter = parameterCalls.get(call)
  if (parameter !== undefined) return { type: 'set_parameter', parameter, value: number(0) }
  const city = fromCityId(text(0))
  switch (call) {
    case 'CityRegistry.admit':
      return { type: 'admit', city, name: text(1), did: text(2), controller: text(3), recovery: text(4), serviceUrl: text(5) }
    case 'CityRegistry.activate':
      return { type: 'activate', city, agreementHash: text(1), dpiaHash: text(2) }
    case 'CityRegistry.suspend':
      return { type: 'suspend', city, reason: number(1), untilSeconds: number(2) }
    case 'CityRegistry.reinstate':
      return { type: 'reinstate', city }
    case 'CityRegistry.remove':
      return { type: 'remove', city }
    case 'CityRegistry.offerController':
      return { type: 'offer_controller', city, account: text(1) }
    case 'CityRegistry.vetoController':
      return { type: 'veto_controller', city }
    case 'CityRegistry.changeRecovery':
      return { type: 'change_recovery', city, account: text(1) }
    case 'Directory.set':
      return { type: 'point_directory', name: decodeBytes32String(text(0)), target: text(1), codeHash: text(2) }
    case 'RewardPrograms.fundShared':
      return { type: 'fund_shared', programId: text(0), units: BigInt(text(1)) }
    case 'RewardPrograms.endShared':
      return { type: 'end_shared', programId: text(0), untilSeconds: number(1) }
    case 'RewardToken.setOperator':
      return { type: 'set_operator', account: text(0), allowed: args[1] === true }
    case 'Guardian.clear':
      return { type: 'clear_pause', target: text(0) }
    case 'Guardian.appoint':
      return { type: 'appoint_guardian', account: text(0) }
    default:
      return undefined
  }
}

const parameterCalls = new Map<string, ParameterName>(
  Object.entries(parameterMethods).map(([parameter, [contract, method]]) => [`${contract}.${method}`, parameter as ParameterName])
)

/** UN/LOCODE as the contracts take it. */
export function toCityId(locode: string): string {
  return hexlify(toUtf8Bytes(locode))
}

function fromCityId(id: string): string {
  return Buffer.from(id.slice(2), 'hex').toString('latin1').replaceAll('\u0000', '')
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value)
}

function isHash(value: string): boolean {
  return /^0x[0-9a-f]{64}$/i.test(value)
}

function isAccount(value: string): boolean {
  return isAddress(value) && getAddress(value) !== ZeroAddress
}

function isSameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
