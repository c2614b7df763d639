import { expect } from 'chai'
import { id, JsonRpcProvider, keccak256, NonceManager, Wallet, type ContractTransactionResponse } from 'ethers'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractNames } from '../../../chain/deployment.ts'
import { createContracts, encodeCall } from '../../../chain/contracts.ts'
import { createContractBook } from '../../../chain/contract-book.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../../chain/embedded.ts'
import { rehearseCall } from '../../../chain/rehearse-call.ts'
import { adviceOf } from '../../../chain/revert-advice.ts'
import { createRpcProvider } from '../../../chain/rpc.ts'
import { deploySymbolon, type SymbolonDeployment } from '../../../scripts/deploy.ts'
import { foundFederation } from '../../../scripts/lib/found-federation.ts'
import { freePort } from '../../fakes/postgres.ts'
import { act, json, openCity, readProposal, until, type Member } from './council.ts'

const deployer = new Wallet(`0x${'17'.repeat(32)}`)
/** The key of a member that does not use our service, and proposes what it likes. */
const stranger = new Wallet(keccak256(Buffer.from('controller of FRCFE')))
const guardian = new Wallet(keccak256(Buffer.from('guardian')))
/** Long enough to look at a proposal before its vote, and to vote, on a busy machine. */
const parameters = { votingDelaySeconds: 6, votingPeriodSeconds: 20, quorumPercent: 50, timelockDelaySeconds: 1, rotationDelaySeconds: 2 }

const account = (seed: string): string => new Wallet(keccak256(Buffer.from(seed))).address
const cityId = (locode: string): string => `0x${Buffer.from(locode).toString('hex')}`
const word = (hex: string): string => hex.padStart(64, '0')

interface Fault { readonly code: string; readonly detail: string; readonly advice: string }
interface Action { readonly type: string; readonly contract?: string; readonly data?: string; readonly fault?: Fault }
interface Refused { readonly code: string; readonly detail: string; readonly faults: readonly (Fault & { position: number })[]; readonly refusal: { code: string; advice: string } }
interface Rehearsed { readonly passes: boolean; readonly refusal?: { code: string; advice: string }; readonly faults?: readonly { position: number }[] }

describe('a federation in which somebody writes proposals by hand', function odd() {
  this.timeout(120_000)
  let folder: string
  let chain: EmbeddedChain
  let deployment: SymbolonDeployment
  let provider: JsonRpcProvider
  let porto: Member
  let byHand: ReturnType<typeof createContracts>

  before(async function found() {
    this.timeout(240_000)
    folder = mkdtempSync(join(tmpdir(), 'symbolon-odd-'))
    chain = await startEmbeddedChain({ dataDir: join(folder, 'chain'), port: await freePort(), chainId: 7411 })
    deployment = await deploySymbolon({ rpcUrl: chain.rpcUrl, deployerPrivateKey: deployer.privateKey, deploymentDir: join(folder, 'ignition'), parameters })
    const deploymentFile = join(folder, 'deployment.json')
    writeFileSync(deploymentFile, JSON.stringify(deployment))
    porto = await openCity('PTOPO', 'Porto', { SYMBOLON_RPC_URL: chain.rpcUrl, SYMBOLON_DEPLOYMENT: deploymentFile })
    const { did, controller, publicUrl } = porto.city.service.city.identity
    const documents = { agreementHash: id('agreement'), dpiaHash: id('assessment') }
    await foundFederation({
      rpcUrl: chain.rpcUrl, deployerPrivateKey: deployer.privateKey, deployment, guardian: guardian.address, parameters,
      cities: [
        { locode: 'PTOPO', name: 'Porto', did, controller, recovery: account('recovery of PTOPO'), serviceUrl: publicUrl, ...documents },
        { locode: 'FRCFE', name: 'Clermont-Ferrand', did: 'did:web:clermont.example', controller: stranger.address, recovery: account('recovery of FRCFE'), serviceUrl: 'https://clermont.example', ...documents },
      ],
    })
    provider = new JsonRpcProvider(chain.rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 50 })
    byHand = createContracts(deployment, new NonceManager(stranger.connect(provider)))
    await until('Porto ready', async () => (await fetch(`${porto.city.url}/health/ready`)).status === 200 || undefined)
  })
  after(async () => {
    provider?.destroy()
    await porto?.city.stop()
    await chain?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  type Call = readonly [target: string, data: string]
  const mined = async (transaction: Promise<ContractTransactionResponse>): Promise<void> => { await (await transaction).wait() }
  const callsOf = (calls: readonly Call[]) => [calls.map(([target]) => target), calls.map(() => 0n), calls.map(([, data]) => data)] as const
  /** Proposes past every form; resolves when Porto knows of it. */
  const propose = async (calls: readonly Call[], description: string): Promise<string> => {
    const [targets, values, calldatas] = callsOf(calls)
    const proposalId = String(await byHand.Federation.hashProposal(targets, values, calldatas, id(description)))
    await mined(byHand.Federation.propose(targets, values, calldatas, description))
    await until(`"${description}" known to Porto`, async () => (await fetch(`${porto.city.url}/v1/federation/proposals/${proposalId}`)).ok || undefined)
    return proposalId
  }
  const reach = async (proposalId: string, state: string): Promise<void> => {
    await until(`a proposal ${state}`, async () => (await readProposal(porto, proposalId)).state === state || undefined)
  }
  const rehearse = async (action: object): Promise<Rehearsed> => await json<Rehearsed>(porto.officers[0].post('/v1/governance/rehearsals', { action }), 200)
  const draft = async <Body>(action: object, status: number): Promise<Body> => await json<Body>(porto.officers[0].post('/v1/governance/drafts', { action }), status)
  const actionsOf = async (proposalId: string): Promise<readonly Action[]> => (await readProposal(porto, proposalId)).actions

  const reinstate = encodeCall('CityRegistry', 'reinstate', [cityId('FRCFE')])
  const suspend = encodeCall('CityRegistry', 'suspend', [cityId('PTOPO'), 1, 4_000_000_000])
  const setPeriod = encodeCall('Federation', 'setVotingPeriod', [21])
  let contractOfNobody = ''
  let odd = ''

  describe('that the chain itself refuses', () => {
    const refusals: readonly [string, () => readonly [readonly string[], readonly bigint[], readonly string[]], string, string][] = [
      ['money', () => [[deployment.contracts.CityRegistry], [1n], [reinstate]], 'ERR_FEDERATION_ACTION_SENDS_MONEY',
        'An action of the proposal sends money, and the federation has none: write it anew without.'],
      ['nothing but money', () => [[account('anybody')], [1n], ['0x']], 'ERR_FEDERATION_ACTION_SENDS_MONEY',
        'An action of the proposal sends money, and the federation has none: write it anew without.'],
      ['no function', () => [[deployment.contracts.CityRegistry], [0n], ['0xdead']], 'ERR_FEDERATION_ACTION_CALLS_NOTHING',
        'An action of the proposal calls no function: give the function and its arguments.'],
      ['an address without a contract', () => [[account('anybody')], [0n], [reinstate]], 'ERR_FEDERATION_ACTION_NO_CODE',
        'An action of the proposal calls an address where there is no contract: look the address up in the Directory.'],
      ['fewer values than targets', () => [[deployment.contracts.CityRegistry], [], [reinstate]], 'ERR_GOVERNOR_INVALID_PROPOSAL_LENGTH',
        'A proposal needs at least one action, each with a target, a value and calldata.'],
      ['more calldata than targets', () => [[deployment.contracts.CityRegistry], [0n], [reinstate, reinstate]], 'ERR_GOVERNOR_INVALID_PROPOSAL_LENGTH',
        'A proposal needs at least one action, each with a target, a value and calldata.'],
      ['no action', () => [[], [], []], 'ERR_GOVERNOR_INVALID_PROPOSAL_LENGTH', 'A proposal needs at least one action, each with a target, a value and calldata.'],
    ]
    for (const [what, calls, code, advice] of refusals) {
      it(`is told what to do about ${what}`, async () => {
        const call = { contract: 'Federation', method: 'propose', args: [...calls(), 'Odd'] } as const
        const revert = await rehearseCall(createRpcProvider({ rpcUrl: chain.rpcUrl }), createContractBook(deployment.contracts), stranger.address, call)
        expect(revert?.code).to.equal(code)
        expect(adviceOf(code)).to.equal(advice)
      })
    }
  })

  describe('that the chain takes', () => {
    before(async () => {
      // One byte of code, which stops.
      const sent = await stranger.connect(provider).sendTransaction({ data: '0x6001600c60003960016000f300', nonce: await provider.getTransactionCount(stranger.address) })
      contractOfNobody = (await sent.wait())?.contractAddress ?? ''
      byHand = createContracts(deployment, new NonceManager(stranger.connect(provider)))
      const { CityRegistry, Federation } = deployment.contracts
      odd = await propose([
        [Federation, setPeriod],
        [CityRegistry, suspend.slice(0, 74)],
        [CityRegistry, '0xdeadbeef'],
        [CityRegistry, `${reinstate.slice(0, -1)}1`],
        [CityRegistry, `${reinstate}00`],
        [CityRegistry, `${suspend.slice(0, 74)}${word('10001')}${suspend.slice(138)}`],
        [contractOfNobody, reinstate],
        [CityRegistry, encodeCall('CityRegistry', 'renounceOwnership', [])],
        [CityRegistry, encodeCall('CityRegistry', 'reinstate', [cityId('ptopo')])],
      ], 'Harmless, really')
    })

    const bytes = 'The bytes of the proposal are not the call they claim to be: have it written anew from its values.'
    const method = 'The proposal calls a function that its contract does not have, or that is none of the federation’s decisions: ask who proposed it what it is for.'
    const faultsOf = (): readonly (readonly [string, Fault | undefined])[] => [
      ['set_parameter', undefined],
      ['unknown', { code: 'ERR_CHAIN_CALLDATA_INVALID', detail: 'the arguments of CityRegistry.suspend are cut short, or cannot be read', advice: bytes }],
      ['unknown', { code: 'ERR_CHAIN_METHOD_UNKNOWN', detail: 'CityRegistry has no function 0xdeadbeef', advice: method }],
      ['reinstate', { code: 'ERR_CHAIN_CALLDATA_INVALID', detail: 'bytes to spare, or out of place, in the arguments of CityRegistry.reinstate', advice: bytes }],
      ['reinstate', { code: 'ERR_CHAIN_CALLDATA_INVALID', detail: 'bytes to spare, or out of place, in the arguments of CityRegistry.reinstate', advice: bytes }],
      ['suspend', { code: 'ERR_CHAIN_CALLDATA_INVALID', detail: 'bytes to spare, or out of place, in the arguments of CityRegistry.suspend', advice: bytes }],
      ['unknown', {
        code: 'ERR_CHAIN_TARGET_UNKNOWN', detail: `${contractOfNobody} is none of the federation’s contracts`,
        advice: 'The proposal calls something that is none of the federation’s contracts: look the address up in the Directory.',
      }],
      ['unknown', { code: 'ERR_CHAIN_METHOD_UNKNOWN', detail: 'CityRegistry.renounceOwnership is none of the federation’s decisions', advice: method }],
      ['reinstate', {
        code: 'ERR_CHAIN_ACTION_INVALID', detail: 'reinstate: a city is named by its UN/LOCODE, such as PTOPO',
        advice: 'A value of the action is missing or out of range: correct it.',
      }],
    ]
    const positions = [1, 2, 3, 4, 5, 6, 7, 8]

    it('is shown with what is wrong beside each action, alone and in the list', async () => {
      const { proposals } = await json<{ proposals: { proposal_id: string; actions: readonly Action[] }[] }>(fetch(`${porto.city.url}/v1/federation/proposals`), 200)
      for (const actions of [await actionsOf(odd), proposals.find((one) => one.proposal_id === odd)?.actions ?? []]) {
        expect(actions.map(({ type, fault }) => [type, fault])).to.deep.equal(faultsOf())
      }
    })

    it('cannot be voted on before its vote begins, nor queued while it is open, nor proposed a second time', async () => {
      const later = await propose([[deployment.contracts.Federation, setPeriod]], 'Later')
      expect((await rehearse({ type: 'vote', proposal_id: later, support: 'against' })).refusal).to.deep.include({
        code: 'ERR_GOVERNOR_PROPOSAL_PENDING', advice: 'The vote has not begun yet: wait until it has.',
      })
      await reach(odd, 'active')
      expect((await rehearse({ type: 'queue', proposal_id: odd })).refusal).to.deep.include({
        code: 'ERR_GOVERNOR_PROPOSAL_ACTIVE', advice: 'The vote is still open: wait until it has ended.',
      })
      const again = await json<Rehearsed>(porto.officers[0].post('/v1/governance/rehearsals', {
        action: { type: 'set_parameter', parameter: 'voting_period', value: 21 }, description: 'Later',
      }), 200)
      expect(again.refusal).to.deep.include({ code: 'ERR_GOVERNOR_PROPOSAL_EXISTS', advice: 'The same proposal was made before: change the description to make it anew.' })
    })

    it('can be voted against without more ado, and for only by officers who say that they know', async () => {
      await reach(odd, 'active')
      for (const support of ['for', 'against', 'abstain']) {
        const rehearsed = await rehearse({ type: 'vote', proposal_id: odd, support })
        expect([rehearsed.passes, rehearsed.faults?.map(({ position }) => position)], support).to.deep.equal([true, positions])
      }
      const refused = await draft<Refused>({ type: 'vote', proposal_id: odd, support: 'for' }, 422)
      expect([refused.code, refused.detail]).to.deep.equal(['ERR_PROPOSAL_FAULTY', bytes])
      expect(refused.faults[1]).to.deep.equal({ position: 2, ...faultsOf()[2]?.[1] })
      for (const support of ['against', 'abstain']) {
        const { draft_id: draftId } = await draft<{ draft_id: string }>({ type: 'vote', proposal_id: odd, support }, 201)
        const seen = await json<Refused>(porto.officers[1].fetch(`/v1/governance/drafts/${draftId}`), 200)
        expect(seen.faults.map(({ position }) => position)).to.deep.equal(positions)
        await json(porto.officers[1].post(`/v1/governance/drafts/${draftId}/withdraw`, {}), 200)
      }
      const knowing = await act(porto, { type: 'vote', proposal_id: odd, support: 'for', despite_faults: true })
      expect(knowing).to.deep.include({ state: 'confirmed', action: { type: 'vote', proposal_id: odd, support: 'for', despite_faults: true } })
    })

    it('is queued only knowingly, and a vote that has just ended says that it is over and what comes next', async () => {
      const { CityRegistry } = deployment.contracts
      const withdrawn = await propose([[CityRegistry, reinstate]], 'Withdrawn')
      const [targets, values, calldatas] = callsOf([[CityRegistry, reinstate]])
      await mined(byHand.Federation.cancel(targets, values, calldatas, id('Withdrawn')))
      await reach(withdrawn, 'cancelled')
      await reach(odd, 'succeeded')
      const vote = { type: 'vote', proposal_id: odd, support: 'against' }
      const late = await draft<Refused>(vote, 422)
      expect([late.code, late.refusal.code, late.refusal.advice]).to.deep.equal([
        'ERR_REHEARSAL_REFUSED', 'ERR_GOVERNOR_PROPOSAL_SUCCEEDED', 'The vote is over, and the proposal was accepted: start its waiting time.',
      ])
      expect((await draft<Refused>({ type: 'queue', proposal_id: odd }, 422)).code).to.equal('ERR_PROPOSAL_FAULTY')
      await act(porto, { type: 'queue', proposal_id: odd, despite_faults: true })
      expect((await draft<Refused>(vote, 422)).refusal).to.deep.include({
        code: 'ERR_GOVERNOR_PROPOSAL_QUEUED', advice: 'The vote is over, and the proposal waits already: carry it out once its waiting time is over.',
      })
      const unheard = (await json<{ proposals: { proposal_id: string; title: string }[] }>(fetch(`${porto.city.url}/v1/federation/proposals`), 200))
        .proposals.find(({ title }) => title === 'Later')?.proposal_id ?? ''
      await reach(unheard, 'defeated')
      expect((await draft<Refused>({ ...vote, proposal_id: unheard }, 422)).refusal).to.deep.include({
        code: 'ERR_GOVERNOR_PROPOSAL_DEFEATED', advice: 'The vote is over, and the proposal was defeated: propose it anew if it is still wanted.',
      })
      expect((await draft<Refused>({ ...vote, proposal_id: withdrawn }, 422)).refusal).to.deep.include({
        code: 'ERR_GOVERNOR_PROPOSAL_CANCELLED', advice: 'The proposal was withdrawn, and its vote is closed: propose it anew if it is still wanted.',
      })
    })

    it('is not carried out where its bytes fit no function, whoever wants it', async () => {
      await reach(odd, 'executable')
      const execute = { type: 'execute', proposal_id: odd, despite_faults: true }
      const refused = await draft<Refused>(execute, 422)
      expect([refused.code, refused.refusal.code, refused.refusal.advice]).to.deep.equal([
        'ERR_REHEARSAL_REFUSED', 'ERR_FAILED_CALL', 'An action of the proposal failed without saying why: rehearse each action by itself.',
      ])
      expect((await rehearse(execute)).faults?.map(({ position }) => position)).to.deep.equal(positions)
    })
  })

  describe('and whose guardian pauses what it likes', () => {
    it('tells a pause that stops nothing from one that does, and which contracts can be paused', async () => {
      const pausable = ['CityRegistry', 'IssuerRegistry', 'RecognitionRegistry', 'StatusLists', 'Anchors', 'RewardPrograms', 'Settlement']
      const { contracts } = await json<{ contracts: { name: string; pausable: boolean }[] }>(fetch(`${porto.city.url}/v1/federation`), 200)
      expect(contracts.map(({ name, pausable: is }) => [name, is]).sort()).to.deep.equal(contractNames.map((name) => [name, pausable.includes(name)]).sort())
      const { Guardian } = createContracts(deployment, new NonceManager(guardian.connect(provider)))
      await mined(Guardian.pause(deployment.contracts.Settlement, id('one')))
      await mined(Guardian.pause(deployment.contracts.Directory, id('two')))
      await mined(Guardian.pause(contractOfNobody, id('three')))
      const told = await until('three pauses', async () => {
        const { pauses } = await json<{ pauses: { contract?: string; running: boolean; effective: boolean }[] }>(fetch(`${porto.city.url}/v1/federation/pauses`), 200)
        return pauses.length === 3 ? pauses : undefined
      })
      expect(told.map(({ contract, running, effective }) => [contract, running, effective])).to.deep.equal([[undefined, true, false], ['Directory', true, false], ['Settlement', true, true]])
    })
  })

  describe('and whose chain takes blocks back', () => {
    it('forgets a proposal that was in them, and says so in the log', async () => {
      const snapshot: unknown = await provider.send('evm_snapshot', [])
      const lost = await propose([[deployment.contracts.CityRegistry, reinstate]], 'Lost')
      await provider.send('evm_revert', [snapshot])
      await until('the proposal forgotten', async () => (await fetch(`${porto.city.url}/v1/federation/proposals/${lost}`)).status === 404 || undefined)
      const lines = porto.city.log.map((line) => JSON.parse(line) as { level: number; msg: string; fromBlock: number; toBlock: number })
      const told = lines.find(({ msg }) => msg === 'the chain took blocks back: the index follows, and what was sent in them is sent again')
      expect(told).to.include({ level: 40 })
      expect(told?.fromBlock).to.be.greaterThan(told?.toBlock ?? Infinity)
      const refused = await json<{ code: string; title: string }>(porto.officers[0].post('/v1/governance/drafts', { action: { type: 'vote', proposal_id: lost, support: 'for' } }), 422)
      expect([refused.code, refused.title]).to.deep.equal(['ERR_PROPOSAL_UNKNOWN', 'There is no such proposal.'])
    })
  })
})
