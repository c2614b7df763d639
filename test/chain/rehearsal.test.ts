import { expect } from 'chai'
import { id, ZeroAddress } from 'ethers'
import { ChainError } from '../../chain/errors.ts'
import { ActionError, type FederationAction } from '../../chain/governance-actions.ts'
import { createIndexer } from '../../chain/indexer/indexer.ts'
import { rehearse, verifyActions } from '../../chain/rehearsal.ts'
import { Council } from './support/council.ts'
import { onEachChainDatabase } from './support/database.ts'
import { clermontController, guardian, merchant, owner, portoController, recovery, TestNetwork } from './support/network.ts'
import { codeHashOf, Sender } from './support/sender.ts'

const admit = {
  type: 'admit', city: 'PTLIS', name: 'Lisboa', did: 'did:web:lisboa.example', controller: merchant.address, recovery: recovery.address,
  serviceUrl: 'https://lisboa.example'
} as const satisfies FederationAction
const activate: FederationAction = { type: 'activate', city: 'PTLIS', agreementHash: id('agreement'), dpiaHash: id('dpia') }

describe('A proposal before anybody votes on it', function () {
  this.timeout(120_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    let sender: Sender

    before(async () => {
      network = await TestNetwork.start('founded')
      sender = new Sender(network.provider, network.deployment)
    })
    after(async () => { await network.stop() })
    beforeEach(async () => {
      await createIndexer({ db: db(), provider: network.provider, deployment: network.deployment }).catchUp()
    })

    const options = () => ({ db: db(), provider: network.provider, deployment: network.deployment })
    const refusalOf = async (...actions: FederationAction[]) => {
      const error: unknown = await verifyActions(options(), actions).catch((refused: unknown) => refused)
      return error instanceof ChainError ? error : undefined
    }
    const anchorsHash = async () => await codeHashOf(sender, network.deployment.contracts.Anchors)

    it('is written as the calls that the federation votes on', async () => {
      const calls = await verifyActions(options(), [admit, activate])
      expect(calls.targets).to.deep.equal([network.deployment.contracts.CityRegistry, network.deployment.contracts.CityRegistry])
      const motion = await new Council(sender).proposeCalls(calls)
      expect(motion.calls).to.deep.equal(calls)
    })

    const faults: readonly [string, string, () => Promise<FederationAction[]>][] = [
      ['a UN/LOCODE twice', 'ERR_CHAIN_LOCODE_IN_USE', async () => [{ ...admit, city: 'PTOPO' }]],
      ['an identifier twice', 'ERR_CHAIN_DID_IN_USE', async () => [{ ...admit, did: 'did:web:porto.example' }]],
      ['an account twice', 'ERR_CHAIN_CONTROLLER_IN_USE', async () => [{ ...admit, controller: portoController.address.toLowerCase() }]],
      ['the same city twice in one proposal', 'ERR_CHAIN_LOCODE_IN_USE', async () => [admit, admit]],
      ['control offered to another city’s account', 'ERR_CHAIN_CONTROLLER_IN_USE', async () => [{ type: 'offer_controller', city: 'PTOPO', account: clermontController.address }]],
      ['a city that is no member', 'ERR_CHAIN_CITY_UNKNOWN', async () => [{ type: 'remove', city: 'GBLON' }]],
      ['an end that has passed', 'ERR_CHAIN_UNTIL_PAST', async () => [{ type: 'suspend', city: 'PTOPO', reason: 1, untilSeconds: 1_700_000_000 }]],
      ['an end that is now', 'ERR_CHAIN_UNTIL_PAST', async () => [{ type: 'end_shared', programId: id('x'), untilSeconds: await sender.nowSeconds() }]],
      ['other code than was agreed', 'ERR_CHAIN_CODE_HASH_MISMATCH', async () => [{ type: 'point_directory', name: 'Anchors', target: network.deployment.contracts.StatusLists, codeHash: await anchorsHash() }]],
      ['an account where a contract should be', 'ERR_CHAIN_TARGET_NO_CODE', async () => [{ type: 'point_directory', name: 'Anchors', target: owner.address, codeHash: await anchorsHash() }]],
      ['a pause of what is no contract', 'ERR_CHAIN_TARGET_NO_CODE', async () => [{ type: 'clear_pause', target: owner.address }]],
      ['a value out of range', 'ERR_CHAIN_ACTION_INVALID', async () => [{ type: 'set_parameter', parameter: 'quorumNumerator', value: 101 }]]
    ]
    for (const [what, code, make] of faults) {
      it(`is refused with ${what}, with advice`, async () => {
        const refused = await refusalOf(...(await make()))
        expect(refused?.code).to.equal(code)
        expect(refused?.message.length).to.be.greaterThan(20)
      })
    }

    it('says exactly what is wrong with a UN/LOCODE, an identifier or a code hash, and what to do', async () => {
      const { StatusLists } = network.deployment.contracts
      const [agreed, actual] = [await anchorsHash(), await codeHashOf(sender, StatusLists)]
      const expected: readonly [FederationAction, string][] = [
        [{ ...admit, city: 'PTOPO' }, 'admit: PTOPO is, or was, a member. This UN/LOCODE is or was a member’s: choose another code, for none is ever used twice.'],
        [{ ...admit, did: 'did:web:porto.example' },
          'admit: did:web:porto.example is, or was, another city’s. The decentralised identifier is or was another city’s: give the city one of its own.'],
        [{ type: 'point_directory', name: 'Anchors', target: StatusLists, codeHash: agreed },
          `point_directory: the code at ${StatusLists} has the hash ${actual}, not ${agreed}. ` +
          'The code at the address is not the code that was agreed: compare both hashes and propose the right address.']
      ]
      for (const [action, message] of expected) expect((await refusalOf(action))?.message).to.equal(message)
    })

    it('says the same in the contracts’ own words once somebody has proposed it past the rehearsal', async () => {
      const { StatusLists } = network.deployment.contracts
      const expected: readonly [FederationAction, string, string][] = [
        [{ ...admit, city: 'PTOPO' }, 'ERR_CITY_REGISTRY_ALREADY_KNOWN', 'This UN/LOCODE is or was a member’s: choose another code, for none is ever used twice.'],
        [{ ...admit, did: 'did:web:porto.example' }, 'ERR_CITY_REGISTRY_DID_IN_USE', 'The decentralised identifier is or was another city’s: give the city one of its own.'],
        [{ type: 'point_directory', name: 'Anchors', target: StatusLists, codeHash: await anchorsHash() }, 'ERR_DIRECTORY_CODE_HASH_MISMATCH',
          'The code at the address is not the code that was agreed: compare both hashes and propose the right address.']
      ]
      for (const [action, code, advice] of expected) expect(await rehearse(options(), [action])).to.include({ passes: false, index: 0, code, advice })
    })

    it('tells which of several actions is refused before anybody votes', async () => {
      for (const [actions, position] of [
        [[admit, { type: 'remove', city: 'GBLON' }], 1], [[admit, activate, admit], 2], [[admit, { ...activate, dpiaHash: `0x${'00'.repeat(32)}` }], 1]
      ] as [FederationAction[], number][]) {
        expect(await refusalOf(...actions)).to.be.instanceOf(ActionError).with.property('position', position)
      }
    })

    it('passes with the right code, and when a name is taken out', async () => {
      const { contracts } = network.deployment
      expect(await refusalOf({ type: 'point_directory', name: 'LogRoots', target: contracts.Anchors, codeHash: await anchorsHash() })).to.equal(undefined)
      expect(await refusalOf({ type: 'point_directory', name: 'Anchors', target: ZeroAddress, codeHash: `0x${'00'.repeat(32)}` })).to.equal(undefined)
    })

    it('passes its rehearsal when all of it would pass, each action on top of those before', async () => {
      expect(await rehearse(options(), [admit])).to.deep.equal({ passes: true })
      const all: FederationAction[] = [
        admit, activate, { type: 'suspend', city: 'PTLIS', reason: 1, untilSeconds: 4_000_000_000 }, { type: 'reinstate', city: 'PTLIS' },
        { type: 'set_parameter', parameter: 'votingPeriod', value: 100 }, { type: 'set_parameter', parameter: 'timelockDelay', value: 50 },
        { type: 'set_parameter', parameter: 'rotationDelay', value: 100 }, { type: 'remove', city: 'PTLIS' }
      ]
      expect(await rehearse(options(), all)).to.deep.equal({ passes: true })
      // Nothing of it was done.
      expect(await rehearse(options(), all)).to.deep.equal({ passes: true })
    })

    it('says which action the contract would refuse, why, and what to do', async () => {
      const alone = await rehearse(options(), [activate])
      expect(alone).to.include({ passes: false, index: 0, code: 'ERR_CITY_REGISTRY_WRONG_STATUS' })
      const third = await rehearse(options(), [admit, activate, { type: 'reinstate', city: 'PTLIS' }, { type: 'remove', city: 'GBLON' }])
      expect(third).to.include({ passes: false, index: 2, code: 'ERR_CITY_REGISTRY_WRONG_STATUS', detail: 'CityRegistryWrongStatus(0x50544c4953, 2)' })
      expect(third).to.have.property('advice').that.matches(/pending, suspended or removed/)
      const program = await rehearse(options(), [{ type: 'fund_shared', programId: id('no such programme'), units: 5n }])
      expect(program).to.include({ passes: false, code: 'ERR_REWARD_PROGRAMS_UNKNOWN_PROGRAM' })
      const pause = await rehearse(options(), [admit, { type: 'clear_pause', target: network.deployment.contracts.Anchors }])
      expect(pause).to.include({ passes: false, index: 1, code: 'ERR_GUARDIAN_NOTHING_TO_CLEAR' })
      const foreign = await rehearse(options(), [{ type: 'accept_ownership', target: network.deployment.contracts.Directory }])
      expect(foreign).to.include({ passes: false, code: 'ERR_OWNABLE_UNAUTHORIZED_ACCOUNT' })
    })

    it('is rehearsed with the state of now: what was refused may pass later', async () => {
      const clear: FederationAction = { type: 'clear_pause', target: network.deployment.contracts.Anchors }
      const snapshot = await network.provider.send('evm_snapshot', [])
      await sender.call(guardian, 'Guardian', 'pause', [network.deployment.contracts.Anchors, id('incident')])
      expect(await rehearse(options(), [clear])).to.deep.equal({ passes: true })
      await network.provider.send('evm_revert', [snapshot])
      expect(await rehearse(options(), [clear])).to.include({ passes: false })
    })
  })
})
