import { expect } from 'chai'
import { getAddress, id, Interface, ZeroAddress, ZeroHash } from 'ethers'
import { createContractBook } from '../../chain/contract-book.ts'
import { encodeCall } from '../../chain/contracts.ts'
import { contractNames, type ContractName } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'
import { decodeCalls, encodeActions, parameterLimits, parseCalls, toCityId, type Calls, type FederationAction } from '../../chain/governance-actions.ts'

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
      const { contract, ...rest } = decoded ?? {}
      expect(rest).to.deep.equal(action)
      expect(contracts[contract ?? 'Anchors']).to.equal(calls.targets[0])
      expect(parseCalls(calls, book)).to.deep.equal([action])
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

  it('keeps a time that is for ever as the largest number that is exact', () => {
    const data = encodeCall('CityRegistry', 'suspend', [toCityId('PTLIS'), 1, 2n ** 64n - 1n])
    expect(decodeCalls({ targets: [contracts.CityRegistry], values: [0n], calldatas: [data] }, book)[0]).to.include({ untilSeconds: Number.MAX_SAFE_INTEGER })
  })

  const reinstate = encodeActions([{ type: 'reinstate', city: 'PTLIS' }], book)
  const malformed: readonly [string, Calls, string][] = [
    ['more targets than calldatas', { ...reinstate, calldatas: [] }, 'ERR_CHAIN_CALLDATA_INVALID'],
    ['calldata that is cut short', withData(reinstate, reinstate.calldatas[0]?.slice(0, -2) ?? ''), 'ERR_CHAIN_CALLDATA_INVALID'],
    ['calldata with bytes to spare', withData(reinstate, `${reinstate.calldatas[0]}00`), 'ERR_CHAIN_CALLDATA_INVALID'],
    ['a call with money', { ...reinstate, values: [1n] }, 'ERR_CHAIN_CALLDATA_INVALID'],
    ['a method of another contract', { ...reinstate, targets: [contracts.Anchors] }, 'ERR_CHAIN_CALLDATA_INVALID'],
    ['a method the federation does not use', withData(reinstate, encodeCall('CityRegistry', 'renounceOwnership', [])), 'ERR_CHAIN_CALLDATA_INVALID'],
    ['a target that is no contract of ours', { ...reinstate, targets: [account] }, 'ERR_CHAIN_TARGET_UNKNOWN'],
    ['a contract that was replaced', { ...reinstate, targets: [old] }, 'ERR_CHAIN_TARGET_UNKNOWN'],
    ['a city that cannot be one', withData(reinstate, encodeCall('CityRegistry', 'reinstate', [toCityId('ptlis')])), 'ERR_CHAIN_ACTION_INVALID']
  ]
  for (const [what, calls, code] of malformed) {
    it(`is not what a proposal says with ${what}`, () => {
      expect(codeOf(() => parseCalls(calls, book))).to.equal(code)
    })
  }

  it('is refused with the number of the action that is wrong, and what to do', () => {
    const second = { targets: [contracts.CityRegistry, account], values: [0n, 0n], calldatas: [reinstate.calldatas[0] ?? '', '0x12345678'] }
    expect(() => parseCalls(second, book)).to.throw(/action 2 .*Directory/)
  })
})
