import { expect } from 'chai'
import { id, Wallet, ZeroAddress } from 'ethers'
import { contractInterfaces } from '../../chain/contracts.ts'
import type { FederationAction } from '../../chain/governance-actions.ts'
import * as governance from '../../chain/governance-queries.ts'
import { createIndexer } from '../../chain/indexer/indexer.ts'
import * as members from '../../chain/member-queries.ts'
import { listCities } from '../../chain/queries.ts'
import { derivedTables } from '../../chain/tables.ts'
import { Council, type Motion } from './support/council.ts'
import { onEachChainDatabase } from './support/database.ts'
import { readIndexContent } from './support/index-content.ts'
import {
  barcelonaController, berlinController, clermontController, guardian, owner, porto, portoController, recovery, TestNetwork, toBytes5
} from './support/network.ts'
import { Sender } from './support/sender.ts'

const lisbonController = new Wallet(`0x${'2a'.repeat(32)}`)
const newOfficer = new Wallet(`0x${'2b'.repeat(32)}`)
const admitLisbon: FederationAction = {
  type: 'admit', city: 'PTLIS', name: 'Lisboa', did: 'did:web:lisboa.example', controller: lisbonController.address, recovery: recovery.address,
  serviceUrl: 'https://lisboa.example'
}
const activateLisbon: FederationAction = { type: 'activate', city: 'PTLIS', agreementHash: id('agreement'), dpiaHash: id('dpia') }

/** As OpenZeppelin numbers them. */
const contractStates = ['pending', 'active', 'cancelled', 'defeated', 'succeeded', 'queued', 'expired', 'executed']

describe('The index of governance', function () {
  this.timeout(120_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    let sender: Sender
    let council: Council

    before(async () => {
      network = await TestNetwork.start('founded')
      sender = new Sender(network.provider, network.deployment)
      council = new Council(sender)
    })
    after(async () => { await network.stop() })
    let snapshot: unknown
    beforeEach(async () => { snapshot = await network.provider.send('evm_snapshot', []) })
    afterEach(async () => { await network.provider.send('evm_revert', [snapshot]) })

    const index = () => createIndexer({ db: db(), provider: network.provider, deployment: network.deployment })
    const catchUp = async () => { await index().catchUp() }
    const find = async (motion: Motion, atSeconds?: number) => {
      await catchUp()
      const proposal = await governance.findProposal(db(), motion.proposalId, atSeconds === undefined ? {} : { atSeconds })
      if (proposal === undefined) throw new Error('the proposal is not in the index')
      return proposal
    }
    /** The state that the index tells at the time of the latest block, once the contract says the same of it. */
    const stateOf = async (motion: Motion) => {
      const data = contractInterfaces.Federation.encodeFunctionData('state', [motion.proposalId])
      const told = contractStates[Number(await network.provider.send('eth_call', [{ to: network.deployment.contracts.Federation, data }, 'latest']))]
      const { state } = await find(motion, await sender.nowSeconds())
      expect(state === 'executable' ? 'queued' : state).to.equal(told)
      return state
    }

    it('knows the cities that founded the federation, their seats, and that no proposal admitted them', async () => {
      await catchUp()
      const all = await members.listMembers(db())
      expect(all.map(({ locode, status }) => `${locode} ${status}`)).to.deep.equal(['DEBER active', 'ESBCN active', 'FRCFE active', 'PTOPO active'])
      expect(all[3]).to.include({ seat: portoController.address, recovery: recovery.address })
      expect(all[3]?.history.map((event) => event.kind)).to.deep.equal(['admitted', 'activated'])
      const admission = await members.findAdmission(db(), 'PTOPO')
      expect(admission).to.have.property('votes').that.deep.equals([])
      expect(admission).to.not.have.property('proposalId')
      expect(await members.findAdmission(db(), 'GBLON')).to.equal(undefined)
      expect(await governance.listProposals(db())).to.deep.equal([])
      expect((await members.listSeats(db())).map(({ city }) => city)).to.deep.equal(['DEBER', 'ESBCN', 'FRCFE', 'PTOPO'])
    })

    it('tells at each stage what the contract tells, from the proposal to its execution', async () => {
      const motion = await council.propose([admitLisbon, activateLisbon], { description: 'Lisboa asks to join' })
      expect(await stateOf(motion)).to.equal('pending')
      await council.beginVote()
      expect(await stateOf(motion)).to.equal('active')
      await council.vote(motion, portoController, 'for', 'Our neighbours')
      await council.vote(motion, berlinController, 'against', 'Too soon')
      await council.vote(motion, barcelonaController, 'abstain')
      await council.vote(motion, clermontController, 'for', 'Bienvenue')
      await council.endVote()
      expect(await stateOf(motion)).to.equal('succeeded')
      await council.queue(motion)
      expect(await stateOf(motion)).to.equal('queued')
      await sender.pass(6)
      expect(await stateOf(motion)).to.equal('executable')
      await council.execute(motion)
      expect(await stateOf(motion)).to.equal('executed')
    })

    it('has what was proposed, by whom, and each vote with its reason', async () => {
      const motion = await council.propose([admitLisbon, activateLisbon], { description: 'Lisboa asks to join' })
      await council.beginVote()
      await council.vote(motion, berlinController, 'against', 'Too soon')
      await council.vote(motion, clermontController, 'for', 'Bienvenue \u2014 nous votons \u201cpour\u201d')
      await council.vote(motion, barcelonaController, 'abstain')
      const proposal = await find(motion)
      expect(proposal.actions).to.deep.equal([{ ...admitLisbon, contract: 'CityRegistry' }, { ...activateLisbon, contract: 'CityRegistry' }])
      expect(proposal).to.deep.include({
        description: 'Lisboa asks to join', descriptionHash: id('Lisboa asks to join'), proposer: { account: portoController.address, city: 'PTOPO' },
        calls: motion.calls, tally: { for: 1, against: 1, abstain: 1, seats: 4, quorum: 2, quorumReached: true }
      })
      const votes = await governance.listVotes(db(), motion.proposalId)
      expect(votes.map(({ city, support, reason, weight }) => [city, support, reason, weight])).to.deep.equal([
        ['DEBER', 'against', 'Too soon', 1], ['FRCFE', 'for', 'Bienvenue \u2014 nous votons \u201cpour\u201d', 1], ['ESBCN', 'abstain', '', 1]
      ])
      expect(await governance.listVotes(db(), '1')).to.deep.equal([])
      expect(await governance.findProposal(db(), '1')).to.equal(undefined)
    })

    it('calls a proposal defeated without a quorum, and with more cities against it than for it', async () => {
      const unheard = await council.propose([{ type: 'remove', city: 'DEBER' }], { description: 'nobody comes' })
      const refused = await council.propose([{ type: 'remove', city: 'DEBER' }], { description: 'two against one' })
      await council.beginVote()
      await council.vote(unheard, portoController, 'for')
      await council.vote(refused, portoController, 'for')
      await council.vote(refused, berlinController, 'against')
      await council.vote(refused, clermontController, 'against')
      await council.vote(refused, barcelonaController, 'abstain')
      await council.endVote()
      expect([await stateOf(unheard), await stateOf(refused)]).to.deep.equal(['defeated', 'defeated'])
      expect((await find(unheard)).tally).to.include({ quorum: 2, quorumReached: false })
      expect((await find(refused)).tally).to.include({ for: 1, against: 2, quorumReached: true })
      const listed = await governance.listProposals(db(), { state: 'defeated' })
      expect(listed.map((proposal) => proposal.proposalId)).to.deep.equal([refused.proposalId, unheard.proposalId])
      expect(await governance.listProposals(db(), { state: 'defeated', limit: 1, offset: 1 })).to.have.length(1)
      expect(await governance.listProposals(db(), { state: 'executed' })).to.deep.equal([])
    })

    it('calls a proposal cancelled that its proposer withdrew before the vote', async () => {
      const motion = await council.propose([{ type: 'remove', city: 'DEBER' }])
      await network.provider.send('evm_setNextBlockTimestamp', [(await sender.nowSeconds()) + 1])
      const { targets, values, calldatas } = motion.calls
      await sender.call(portoController, 'Federation', 'cancel', [targets, values, calldatas, motion.descriptionHash])
      expect(await stateOf(motion)).to.equal('cancelled')
      expect(await find(motion)).to.have.property('cancelled').with.property('transactionHash')
    })

    it('says which proposal admitted a city, who voted, and since when it has its seat', async () => {
      const motion = await council.decide([admitLisbon, activateLisbon])
      await catchUp()
      const admission = await members.findAdmission(db(), 'PTLIS')
      expect(admission).to.include({ proposalId: motion.proposalId })
      expect(admission?.votes.map(({ city, support }) => [city, support])).to.deep.equal([['PTOPO', 'for'], ['FRCFE', 'for'], ['ESBCN', 'for']])
      expect(admission?.admitted).to.include({ blockNumber: motion.blockNumber, transactionHash: motion.transactionHash })
      const member = await members.findMember(db(), 'PTLIS')
      expect(member).to.include({ status: 'active', seat: lisbonController.address })
      expect(member?.history.map(({ kind, proposalId }) => [kind, proposalId])).to.deep.equal([['admitted', motion.proposalId], ['activated', motion.proposalId]])
      expect(member?.history[0]).to.deep.equal({
        kind: 'admitted', place: admission?.admitted, proposalId: motion.proposalId, name: 'Lisboa', did: 'did:web:lisboa.example', account: lisbonController.address,
        recovery: recovery.address, serviceUrl: 'https://lisboa.example'
      })
    })

    it('counts the seats of the moment the vote began, not those of later', async () => {
      const before = await council.propose([{ type: 'appoint_guardian', account: owner.address }])
      await council.decide([admitLisbon, activateLisbon])
      const after = await council.propose([{ type: 'appoint_guardian', account: owner.address }], { description: 'again' })
      expect((await find(before)).tally).to.include({ seats: 4, quorum: 2 })
      // Half of five is three.
      expect((await find(after)).tally).to.include({ seats: 5, quorum: 3 })
      await council.decide([{ type: 'remove', city: 'PTLIS' }])
      const last = await council.propose([{ type: 'appoint_guardian', account: owner.address }], { description: 'and again' })
      expect((await find(last)).tally).to.include({ seats: 4, quorum: 2 })
      expect((await find(after)).tally).to.include({ seats: 5, quorum: 3 })
      expect((await members.findMember(db(), 'PTLIS'))?.seat).to.equal(undefined)
    })

    it('knows a decision as carried out that somebody carried out in the timelock itself', async () => {
      const motion = await council.agree([{ type: 'suspend', city: 'DEBER', reason: 2, untilSeconds: 4_000_000_000 }])
      await sender.pass(6)
      const { targets, values, calldatas } = motion.calls
      const salt = BigInt(motion.descriptionHash) ^ (BigInt(network.deployment.contracts.Federation) << 96n)
      const hex = `0x${salt.toString(16).padStart(64, '0')}`
      await sender.call(owner, 'Timelock', 'executeBatch', [targets, values, calldatas, `0x${'00'.repeat(32)}`, hex])
      expect(await stateOf(motion)).to.equal('executed')
      const berlin = await members.findMember(db(), 'DEBER')
      expect(berlin?.history.at(-1)).to.deep.include({ kind: 'suspended', proposalId: motion.proposalId, reason: 2, untilSeconds: 4_000_000_000 })
    })

    it('keeps a city’s story: suspended, appealed, reinstated, each with what caused it', async () => {
      const until = (await sender.nowSeconds()) + 100_000
      const suspension = await council.decide([{ type: 'suspend', city: 'DEBER', reason: 2, untilSeconds: until }], 'Berlin broke the agreement')
      await sender.call(berlinController, 'CityRegistry', 'appeal', [toBytes5('DEBER'), id('statement')])
      await catchUp()
      const suspended = await members.findMember(db(), 'DEBER', { atSeconds: until })
      expect(suspended).to.include({ status: 'suspended', suspensionReason: 2, seat: berlinController.address })
      expect(suspended?.appeal).to.include({ statementHash: id('statement') })
      expect((await members.findMember(db(), 'DEBER', { atSeconds: until + 1 }))).to.include({ status: 'active' }).and.not.have.property('appeal')
      const end = await council.decide([{ type: 'reinstate', city: 'DEBER' }], 'Berlin mended it')
      await catchUp()
      const member = await members.findMember(db(), 'DEBER')
      expect(member).to.include({ status: 'active' }).and.not.have.property('appeal')
      expect(member?.history.slice(2).map(({ kind, proposalId }) => [kind, proposalId])).to.deep.equal([
        ['suspended', suspension.proposalId], ['appealed', undefined], ['reinstated', end.proposalId]
      ])
    })

    it('keeps who acted for a city, what was offered and vetoed, and maps votes to the seat of their time', async () => {
      await sender.call(portoController, 'CityRegistry', 'offerController', [porto, owner.address])
      await catchUp()
      expect((await members.findMember(db(), 'PTOPO'))?.offer).to.include({ account: owner.address })
      await sender.call(recovery, 'CityRegistry', 'vetoController', [porto])
      await catchUp()
      expect(await members.findMember(db(), 'PTOPO')).to.not.have.property('offer')
      const offered = await sender.nowSeconds()
      await sender.call(recovery, 'CityRegistry', 'offerController', [porto, newOfficer.address])
      const first = await council.propose([{ type: 'appoint_guardian', account: owner.address }])
      await council.beginVote()
      await council.vote(first, portoController, 'for')
      await catchUp()
      expect((await members.findMember(db(), 'PTOPO'))?.offer?.acceptableFromSeconds).to.be.within(offered + 60, offered + 70)
      await sender.pass(61)
      await sender.call(newOfficer, 'CityRegistry', 'acceptController', [porto])
      await sender.call(recovery, 'CityRegistry', 'changeRecovery', [porto, owner.address])
      // Who proposes must have held the seat a second ago.
      await sender.pass(1)
      const second = await council.propose([{ type: 'appoint_guardian', account: owner.address }], { by: newOfficer, description: 'again' })
      await council.beginVote()
      await council.vote(second, newOfficer, 'for')
      await catchUp()
      const voters = async (motion: Motion) => (await governance.listVotes(db(), motion.proposalId)).map(({ voter, city }) => [voter, city])
      expect(await voters(first)).to.deep.equal([[portoController.address, 'PTOPO']])
      expect(await voters(second)).to.deep.equal([[newOfficer.address, 'PTOPO']])
      const terms = await members.controllerHistory(db(), 'PTOPO')
      expect(terms.map(({ account }) => account)).to.deep.equal([portoController.address, newOfficer.address])
      expect(terms[0]?.until).to.deep.equal(terms[1]?.since)
      expect(terms[1]).to.not.have.property('until')
      const member = await members.findMember(db(), 'PTOPO')
      expect(member).to.include({ seat: newOfficer.address, controller: newOfficer.address, recovery: owner.address }).and.not.have.property('offer')
      expect(member?.history.slice(2).map((event) => event.kind)).to.deep.equal([
        'controller_offered', 'controller_vetoed', 'controller_offered', 'controller_changed', 'recovery_changed'
      ])
    })

    it('has the rules the federation votes by, and which vote changed them', async () => {
      await catchUp()
      const values = async () => Object.fromEntries((await governance.listParameters(db())).map(({ parameter, value }) => [parameter, value]))
      expect(await values()).to.deep.equal({ votingDelay: 1, votingPeriod: 60, quorumNumerator: 50, timelockDelay: 5, rotationDelay: 60 })
      const motion = await council.decide([
        { type: 'set_parameter', parameter: 'votingDelay', value: 3 }, { type: 'set_parameter', parameter: 'votingPeriod', value: 70 },
        { type: 'set_parameter', parameter: 'quorumNumerator', value: 60 }, { type: 'set_parameter', parameter: 'timelockDelay', value: 9 },
        { type: 'set_parameter', parameter: 'rotationDelay', value: 90 }
      ])
      await catchUp()
      expect(await values()).to.deep.equal({ votingDelay: 3, votingPeriod: 70, quorumNumerator: 60, timelockDelay: 9, rotationDelay: 90 })
      for (const { parameter, history } of await governance.listParameters(db())) {
        expect(history[0], parameter).to.include({ proposalId: motion.proposalId })
        expect(history.at(-1), parameter).to.not.have.property('proposalId')
      }
      expect((await find(motion)).tally.quorum).to.equal(2)
      expect((await find(await council.propose([{ type: 'remove', city: 'DEBER' }]))).tally.quorum).to.equal(3)
    })

    it('knows who may pause, which pauses ran until when, and which vote cleared them', async () => {
      const { Anchors, StatusLists } = network.deployment.contracts
      await sender.call(guardian, 'Guardian', 'pause', [Anchors, id('incident 1')])
      await sender.call(guardian, 'Guardian', 'pause', [StatusLists, id('incident 2')])
      await catchUp()
      const now = await sender.nowSeconds()
      expect((await governance.listPauses(db(), { atSeconds: now })).map(({ contract, running }) => [contract, running])).to.deep.equal([['StatusLists', true], ['Anchors', true]])
      const motion = await council.decide([{ type: 'clear_pause', target: Anchors }, { type: 'appoint_guardian', account: ZeroAddress }])
      await catchUp()
      const [lists, anchors] = await governance.listPauses(db())
      expect(anchors).to.deep.include({ target: Anchors, incident: id('incident 1'), running: false, clearedBy: motion.proposalId })
      expect(anchors?.cleared).to.include({ transactionHash: motion.transactionHash })
      expect(lists).to.include({ running: true }).and.not.have.property('cleared')
      const untilSeconds = lists?.untilSeconds ?? 0
      expect(untilSeconds - (lists?.paused.atSeconds ?? 0)).to.equal(72 * 3_600)
      const runsAt = async (atSeconds: number) => (await governance.listPauses(db(), { atSeconds }))[0]?.running
      expect([await runsAt(untilSeconds), await runsAt(untilSeconds + 1)]).to.deep.equal([true, false])
      const guardians = await governance.findGuardian(db())
      expect(guardians).to.not.have.property('account')
      expect(guardians.history.map(({ account, proposalId }) => [account, proposalId])).to.deep.equal([[undefined, motion.proposalId], [guardian.address, undefined]])
    })

    it('tells two decisions apart that one transaction carried out', async () => {
      const place = { block_number: 1, transaction_hash: '0xone' }
      const proposal = { operation_id: '', proposer: '', city: null, description: '', description_hash: '', created_at: 1, snapshot: 1, deadline: 1 }
      for (const [proposalId, executedLog] of [['10', 5], ['20', 9]] as const) {
        await db().insertInto('chain_proposals').values({
          ...place, ...proposal, log_index: executedLog, proposal_id: proposalId, executed_at: 1, executed_block: 1, executed_log: executedLog, executed_transaction: '0xone'
        }).execute()
      }
      for (const logIndex of [2, 7, 11]) {
        const entry = { name: `Name${logIndex}`, target: owner.address, code_hash: '0x', changed_at: 1 }
        await db().insertInto('chain_directory_changes').values({ ...place, ...entry, log_index: logIndex }).execute()
      }
      const history = await governance.directoryHistory(db())
      expect(history.map(({ name, proposalId }) => [name, proposalId])).to.deep.equal([['Name11', undefined], ['Name7', '20'], ['Name2', '10']])
    })

    it('has the same content after a rebuild, and after a re-organisation took votes away', async () => {
      const kept = await council.propose([admitLisbon, activateLisbon])
      await council.beginVote()
      await council.vote(kept, portoController, 'for')
      await catchUp()
      const before = await readIndexContent(db())
      const fork = await network.provider.send('evm_snapshot', [])
      await council.vote(kept, berlinController, 'against')
      await council.vote(kept, clermontController, 'for')
      await council.vote(kept, barcelonaController, 'for')
      await council.endVote()
      await council.queue(kept)
      await council.execute(kept)
      await sender.call(guardian, 'Guardian', 'pause', [network.deployment.contracts.Anchors, id('incident')])
      await catchUp()
      expect(await listCities(db())).to.have.length(5)
      const followed = await readIndexContent(db())
      await index().rebuild()
      expect(await readIndexContent(db())).to.deep.equal(followed)
      await network.provider.send('evm_revert', [fork])
      await catchUp()
      expect(await readIndexContent(db())).to.deep.equal(before)
      for (const table of derivedTables) if (table.startsWith('chain_prop')) expect(before[table], table).to.not.have.length(0)
    })
  })
})
