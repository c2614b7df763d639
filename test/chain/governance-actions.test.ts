import { expect } from 'chai'
import { getAddress, id, Interface, ZeroAddress, ZeroHash } from 'ethers'
import { createContractBook } from '../../chain/contract-book.ts'
import { encodeCall } from '../../chain/contracts.ts'
import { contractNames, type ContractName } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'
import { decodeCalls, encodeActions, parameterLimits, toCityId, type ActionFault, type Calls, type FederationAction } from '../../chain/governance-actions.ts'

const addressAt = (index: number) => getAddress(`0x${(index + 1).toString(16).padStart(40, '0')}`)
const contracts = Object.fromEntries(contractNames.map((name, index) => [name, addressAt(index)])) as Record<ContractName, string>
const old = addressAt(99)
const book = createContractBook(contracts, [{ name: 'Anchors', address: old }])
const account = addressAt(500)
const hash = id('something')

const actions: readonly FederationAction[] = [
  { type: 'admit', city: 'PTLIS', name: 'Lisboa', did: 'did:web:lisboa.example', controller: account, recovery: addressAt(501), serviceUrl: 'https://lisboa.example' },
  { type: 'activate', city: 'PTLIS', agreementHash: hash, dpiaHash: id('dpia') },
  { type: 'suspend', city: 'PTLIS', reason: 2, untilSeconds: 2_000_000_000 },
  { type: 'reinstate', city: 'PTLIS' },
  { type: 'remove', city: 'PTLIS' },
  { type: 'set_parameter', parameter: 'votingDelay', value: 0 },
  { type: 'set_parameter', parameter: 'votingPeriod', value: 60 },
  { type: 'set_parameter', parameter: 'quorumNumerator', value: 100 },
  { type: 'set_parameter', parameter: 'timelockDelay', value: 172_800 },
  { type: 'set_parameter', parameter: 'rotationDelay', value: 2_592_000 },
  { type: 'point_directory', name: 'Anchors', target: account, codeHash: hash },
  { type: 'point_directory', name: 'Anchors', target: ZeroAddress, codeHash: ZeroHash },
  { type: 'fund_shared', programId: hash, units: 2n ** 255n },
  { type: 'end_shared', programId: hash, untilSeconds: 2_000_000_000 },
  { type: 'clear_pause', target: contracts.Anchors },
  { type: 'appoint_guardian', account: ZeroAddress },
  { type: 'offer_controller', city: 'PTLIS', account },
  { type: 'veto_controller', city: 'PTLIS' },
  { type: 'change_recovery', city: 'PTLIS', account },
  { type: 'set_operator', account, allowed: true },
  { type: 'set_operator', account, allowed: false },
  { type: 'accept_ownership', target: contracts.RewardPrograms }
]

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'none'
  } catch (error) {
    return error instanceof ChainError ? error.code : String(error)
  }
}
const withData = (calls: Calls, data: string): Calls => ({ ...calls, calldatas: [data] })

describe('What the federation can decide', () => {
  for (const action of actions) {
    it(`is written as a call and read back: ${action.type}${'parameter' in action ? ` ${action.parameter}` : ''}`, () => {
      const calls = encodeActions([action], book)
      expect(calls.values).to.deep.equal([0n])
      const [decoded] = decodeCalls(calls, book)
      // No fault among them: it is exactly the call.
      const { contract, ...rest } = decoded ?? {}
      expect(rest).to.deep.equal(action)
      expect(contracts[contract ?? 'Anchors']).to.equal(calls.targets[0])
    })
  }

  const admit = actions[0] as Extract<FederationAction, { type: 'admit' }>
  const wrong: readonly [string, FederationAction | undefined][] = [
    ['no action at all', undefined],
    ['a UN/LOCODE in small letters', { type: 'reinstate', city: 'ptlis' }],
    ['a UN/LOCODE with a one', { type: 'reinstate', city: 'PTLI1' }],
    ['a city without a name', { ...admit, name: '' }],
    ['a name of 65 bytes', { ...admit, name: 'é'.repeat(32) + 'a' }],
    ['an identifier that is none', { ...admit, did: 'web:lisboa.example' }],
    ['a service URL that is none', { ...admit, serviceUrl: 'lisboa' }],
    ['a controller that is no address', { ...admit, controller: '0x12' }],
    ['a controller that is its own recovery', { ...admit, recovery: admit.controller.toUpperCase().replace('0X', '0x') }],
    ['no recovery account', { ...admit, recovery: ZeroAddress }],
    ['a missing document', { type: 'activate', city: 'PTLIS', agreementHash: hash, dpiaHash: ZeroHash }],
    ['a hash that is too short', { type: 'activate', city: 'PTLIS', agreementHash: hash, dpiaHash: '0x12' }],
    ['a suspension without a reason', { type: 'suspend', city: 'PTLIS', reason: 0, untilSeconds: 5 }],
    ['a reason too large', { type: 'suspend', city: 'PTLIS', reason: 65_536, untilSeconds: 5 }],
    ['half a second', { type: 'suspend', city: 'PTLIS', reason: 1, untilSeconds: 5.5 }],
    ['an end before time began', { type: 'end_shared', programId: hash, untilSeconds: -1 }],
    ['a programme of no 32 bytes', { type: 'fund_shared', programId: '0x12', units: 1n }],
    ['no units', { type: 'fund_shared', programId: hash, units: 0n }],
    ['more units than there are numbers', { type: 'fund_shared', programId: hash, units: 2n ** 256n }],
    ['a parameter nobody knows', { type: 'set_parameter', parameter: 'toString' as never, value: 5 }],
    ['a name with a space', { type: 'point_directory', name: 'New Anchors', target: account, codeHash: hash }],
    ['a name too long', { type: 'point_directory', name: 'a'.repeat(32), target: account, codeHash: hash }],
    ['a contract without a hash', { type: 'point_directory', name: 'Anchors', target: account, codeHash: ZeroHash }],
    ['a name taken out with a hash', { type: 'point_directory', name: 'Anchors', target: ZeroAddress, codeHash: hash }],
    ['a guardian that is no address', { type: 'appoint_guardian', account: 'somebody' }],
    ['nobody as the recovery account', { type: 'change_recovery', city: 'PTLIS', account: ZeroAddress }],
    ...Object.entries(parameterLimits).flatMap(([parameter, [least, most]]) => [least - 1, most + 1, 1.5].map((value): [string, FederationAction] =>
      [`a ${parameter} of ${value}`, { type: 'set_parameter', parameter: parameter as keyof typeof parameterLimits, value }]))
  ]
  for (const [what, action] of wrong) {
    it(`does not include ${what}`, () => {
      expect(codeOf(() => encodeActions(action === undefined ? [] : [action], book))).to.equal('ERR_CHAIN_ACTION_INVALID')
    })
  }

  it('goes to no contract that was taken out of the Directory', () => {
    const without = createContractBook({ ...contracts, Guardian: undefined })
    expect(codeOf(() => encodeActions([{ type: 'appoint_guardian', account }], without))).to.equal('ERR_CHAIN_TARGET_UNKNOWN')
  })

  it('is shown as bytes where it has no name, whatever the bytes are', () => {
    const odd: readonly [target: string, value: bigint, data: string][] = [
      [account, 0n, '0x12345678'], [contracts.CityRegistry, 0n, '0x'], [contracts.CityRegistry, 0n, '0xdeadbeef'],
      [contracts.CityRegistry, 1n, encodeCall('CityRegistry', 'reinstate', [toCityId('PTLIS')])],
      [contracts.CityRegistry, 0n, `${encodeCall('CityRegistry', 'reinstate', [toCityId('PTLIS')]).slice(0, 10)}00`],
      [contracts.CityRegistry, 0n, encodeCall('CityRegistry', 'renounceOwnership', [])],
      [contracts.Anchors, 0n, encodeCall('CityRegistry', 'reinstate', [toCityId('PTLIS')])],
      // A name that is no UTF-8.
      [contracts.CityRegistry, 0n, new Interface(['function admit(bytes5,bytes,bytes,address,address,bytes)'])
        .encodeFunctionData('admit', [toCityId('PTLIS'), '0xff', '0xff', account, account, '0xff'])
        .replace(/^0x.{8}/, encodeCall('CityRegistry', 'admit', [toCityId('PTLIS'), '', '', account, account, '']).slice(0, 10))]
    ]
    for (const [target, value, data] of odd) {
      const [decoded] = decodeCalls({ targets: [target], values: [value], calldatas: [data] }, book)
      expect(decoded).to.deep.include({ type: 'unknown', target, value, data })
    }
    expect(decodeCalls({ targets: [old], values: [0n], calldatas: ['0x12'] }, book)[0]).to.include({ type: 'unknown', contract: 'Anchors' })
  })

  it('keeps a time that is for ever as the largest number that is exact, and finds nothing wrong with it', () => {
    const data = encodeCall('CityRegistry', 'suspend', [toCityId('PTLIS'), 1, 2n ** 64n - 1n])
    expect(decodeCalls({ targets: [contracts.CityRegistry], values: [0n], calldatas: [data] }, book)[0])
      .to.deep.equal({ type: 'suspend', city: 'PTLIS', reason: 1, untilSeconds: Number.MAX_SAFE_INTEGER, contract: 'CityRegistry' })
  })

  const reinstate = encodeActions([{ type: 'reinstate', city: 'PTLIS' }], book)
  const bytes = reinstate.calldatas[0] ?? ''
  const suspension = encodeCall('CityRegistry', 'suspend', [toCityId('PTLIS'), 1, 2_000_000_000])
  /** The reason, a number of two bytes, has a third. */
  const tooWide = `${suspension.slice(0, 74)}${'10001'.padStart(64, '0')}${suspension.slice(138)}`
  const malformed: readonly [string, Calls, ActionFault['code'], string][] = [
    ['more targets than calldatas', { ...reinstate, calldatas: [] }, 'ERR_CHAIN_CALLDATA_INVALID', '1 targets, 1 values, 0 calldatas'],
    ['more calldatas than targets', { ...reinstate, calldatas: [bytes, bytes] }, 'ERR_CHAIN_CALLDATA_INVALID', '1 targets, 1 values, 2 calldatas'],
    ['calldata that is cut short', withData(reinstate, bytes.slice(0, -2)), 'ERR_CHAIN_CALLDATA_INVALID', 'the arguments of CityRegistry.reinstate are cut short, or cannot be read'],
    ['calldata without arguments', withData(reinstate, bytes.slice(0, 10)), 'ERR_CHAIN_CALLDATA_INVALID', 'the arguments of CityRegistry.reinstate are cut short, or cannot be read'],
    ['calldata with bytes to spare', withData(reinstate, `${bytes}00`), 'ERR_CHAIN_CALLDATA_INVALID', 'bytes to spare, or out of place, in the arguments of CityRegistry.reinstate'],
    ['bytes to spare where there are no arguments', withData(reinstate, `${encodeCall('Directory', 'acceptOwnership', [])}00`), 'ERR_CHAIN_CALLDATA_INVALID', 'bytes to spare, or out of place, in the arguments of CityRegistry.acceptOwnership'],
    ['padding that is not zero', withData(reinstate, `${bytes.slice(0, -2)}01`), 'ERR_CHAIN_CALLDATA_INVALID', 'bytes to spare, or out of place, in the arguments of CityRegistry.reinstate'],
    ['a number with more than its bits', withData(reinstate, tooWide), 'ERR_CHAIN_CALLDATA_INVALID', 'bytes to spare, or out of place, in the arguments of CityRegistry.suspend'],
    ['a call with money', { ...reinstate, values: [1n] }, 'ERR_CHAIN_VALUE_NOT_ZERO', `the call sends 1 to ${contracts.CityRegistry}`],
    ['money and no call', { ...withData(reinstate, '0x'), targets: [account], values: [5n] }, 'ERR_CHAIN_VALUE_NOT_ZERO', `the call sends 5 to ${account}`],
    ['no call at all', withData(reinstate, '0x'), 'ERR_CHAIN_METHOD_UNKNOWN', 'CityRegistry has no function 0x'],
    ['a method of another contract', { ...reinstate, targets: [contracts.Anchors] }, 'ERR_CHAIN_METHOD_UNKNOWN', `Anchors has no function ${bytes.slice(0, 10)}`],
    ['a method the federation does not use', withData(reinstate, encodeCall('CityRegistry', 'renounceOwnership', [])), 'ERR_CHAIN_METHOD_UNKNOWN', 'CityRegistry.renounceOwnership is none of the federation’s decisions'],
    ['a target that is no contract of ours', { ...reinstate, targets: [account] }, 'ERR_CHAIN_TARGET_UNKNOWN', `${account} is none of the federation’s contracts`],
    ['a city that cannot be one', withData(reinstate, encodeCall('CityRegistry', 'reinstate', [toCityId('ptlis')])), 'ERR_CHAIN_ACTION_INVALID', 'reinstate: a city is named by its UN/LOCODE, such as PTOPO']
  ]
  for (const [what, calls, code, detail] of malformed) {
    it(`is not what a proposal says with ${what}`, () => {
      expect(decodeCalls(calls, book)[0]?.fault).to.deep.equal({ code, detail })
      expect(decodeCalls(calls, book, { isOver: true })[0]?.fault?.code).to.equal(code)
    })
  }

  it('names a contract that was replaced only while something may still come of it', () => {
    const anchors = { ...encodeActions([{ type: 'set_parameter', parameter: 'rotationDelay', value: 5 }], book), targets: [old] }
    const replaced = createContractBook(contracts, [{ name: 'CityRegistry', address: old }])
    expect(decodeCalls(anchors, replaced)[0]).to.deep.include({
      type: 'set_parameter', value: 5, fault: { code: 'ERR_CHAIN_TARGET_UNKNOWN', detail: `the Directory no longer names this CityRegistry, ${old}` }
    })
    expect(decodeCalls(anchors, replaced, { isOver: true })[0]).to.include({ type: 'set_parameter', value: 5 }).and.not.have.property('fault')
  })

  it('has its fault at the action that is wrong, with the others whole', () => {
    const two = { targets: [contracts.CityRegistry, account], values: [0n, 0n], calldatas: [bytes, '0x12345678'] }
    expect(decodeCalls(two, book).map(({ type, fault }) => [type, fault?.code])).to.deep.equal([['reinstate', undefined], ['unknown', 'ERR_CHAIN_TARGET_UNKNOWN']])
  })
})
