import { expect } from 'chai'
import { ContractFactory, JsonRpcProvider, keccak256, Wallet } from 'ethers'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chainTables } from '../../../api/platform/chain-sender.ts'
import { createContracts } from '../../../chain/contracts.ts'
import type { ContractName } from '../../../chain/deployment.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../../chain/embedded.ts'
import { readArtifact } from '../../../scripts/compile-contracts.ts'
import { deploySymbolon, type SymbolonDeployment } from '../../../scripts/deploy.ts'
import { foundFederation } from '../../../scripts/lib/found-federation.ts'
import { tinyJpeg } from '../../agent/pictures.ts'
import { freePort } from '../../fakes/postgres.ts'
import { act, decide, issueCard, json, openCity, readProposal, show, until, type HeldCard, type Member } from './council.ts'
import { publishedBy, recount, whileTheChainStandsStill } from './recount.ts'

const deployer = new Wallet(`0x${'17'.repeat(32)}`)
const founders = [['PTOPO', 'Porto'], ['FRCFE', 'Clermont-Ferrand'], ['ESMAD', 'Madrid'], ['ITTRN', 'Torino']] as const
const newcomer = ['BEGNE', 'Gent'] as const
const locodes = [...founders, newcomer].map(([locode]) => locode)
/** Long enough for three votes of two officers each on a busy machine. */
const parameters = { votingDelaySeconds: 1, votingPeriodSeconds: 20, quorumPercent: 50, timelockDelaySeconds: 1, rotationDelaySeconds: 2 }

const account = (seed: string): string => new Wallet(keccak256(Buffer.from(seed))).address
const documentHash = (text: string): string => keccak256(Buffer.from(text))

describe('a federation of cities', function federation() {
  this.timeout(240_000)
  let folder: string
  let chain: EmbeddedChain
  let deployment: SymbolonDeployment
  let members: [Member, Member, Member, Member]
  let gent: Member
  let portosCard: HeldCard
  let clermontsCard: HeldCard

  /** Shows cards that nothing happens to at other cities' gates, over and over, while the federation decides. */
  const unaffected = { isOn: false, shown: 0, refused: [] as string[], running: Promise.resolve() }
  const watch = async (): Promise<void> => {
    while (unaffected.isOn) {
      for (const [card, at] of [[portosCard, members[1]], [portosCard, members[2]], [clermontsCard, members[0]]] as const) {
        const { accepted, code } = await show(card, at)
        unaffected.shown += 1
        if (!accepted) unaffected.refused.push(`${card.issuer} at ${at.locode}: ${code}`)
      }
      // The votes need the machine too.
      await sleep(200)
    }
  }
  const openEnv = (locode: string): Record<string, string> => ({
    SYMBOLON_RPC_URL: chain.rpcUrl, SYMBOLON_DEPLOYMENT: join(folder, 'deployment.json'),
    SYMBOLON_RECOGNISE: locodes.filter((other) => other !== locode).join(','),
  })
  const whenReady = ({ city, locode }: Member): Promise<true> =>
    until(`${locode} ready`, async () => (await fetch(`${city.url}/health/ready`)).status === 200 || undefined)
  /** Puts a new version of a contract on the chain; one with an owner is offered to the timelock. */
  const deploy = async (name: ContractName, args: readonly unknown[]): Promise<{ target: string; codeHash: string }> => {
    const provider = new JsonRpcProvider(chain.rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 })
    const { abi, bytecode } = await readArtifact(name)
    const contract = await (await new ContractFactory(abi, bytecode, deployer.connect(provider)).deploy(...args)).waitForDeployment()
    const target = await contract.getAddress()
    if (args.includes(deployer.address)) {
      const { Timelock } = deployment.contracts
      await (await createContracts({ ...deployment, contracts: { ...deployment.contracts, [name]: target } }, deployer.connect(provider)).RewardPrograms.transferOwnership(Timelock)).wait()
    }
    const codeHash = keccak256(await provider.getCode(target))
    provider.destroy()
    return { target, codeHash }
  }
  const chainOf = () => ({ rpcUrl: chain.rpcUrl, directory: deployment.contracts.Directory })
  const memberOf = async (locode: string, at: Member = members[0]) =>
    await json<{ status: string; controller: string; admission: { proposal_id?: string; votes: { city: string }[] } }>(fetch(`${at.city.url}/v1/federation/members/${locode}`), 200)

  before(async function found() {
    folder = mkdtempSync(join(tmpdir(), 'symbolon-federation-'))
    chain = await startEmbeddedChain({ dataDir: join(folder, 'chain'), port: await freePort(), chainId: 7411 })
    deployment = await deploySymbolon({ rpcUrl: chain.rpcUrl, deployerPrivateKey: deployer.privateKey, deploymentDir: join(folder, 'ignition'), parameters })
    writeFileSync(join(folder, 'deployment.json'), JSON.stringify(deployment))
    const opened: Member[] = []
    for (const [locode, name] of founders) opened.push(await openCity(locode, name, openEnv(locode)))
    members = opened as typeof members
    await foundFederation({
      rpcUrl: chain.rpcUrl, deployerPrivateKey: deployer.privateKey, deployment, guardian: account('guardian'), parameters,
      cities: members.map(({ locode, city: { service: { city: { identity } } } }) => ({
        locode, name: identity.cityName, did: identity.did, controller: identity.controller, recovery: account(`recovery of ${locode}`),
        serviceUrl: identity.publicUrl, agreementHash: documentHash(`agreement of ${locode}`), dpiaHash: documentHash(`assessment of ${locode}`),
      })),
    })
    await Promise.all(members.map(whenReady))
    const accepts = (issuer: string, at: Member) => until(`${at.locode} recognises ${issuer}`, async () => {
      const { recognitions } = await json<{ recognitions: { recogniser: string; issuer: string }[] }>(fetch(`${at.city.url}/v1/trust`), 200)
      return recognitions.some((one) => one.recogniser === at.locode && one.issuer === issuer) || undefined
    })
    await Promise.all([accepts('PTOPO', members[1]), accepts('PTOPO', members[2]), accepts('FRCFE', members[0]), accepts('ITTRN', members[0])])
    portosCard = await issueCard(members[0])
    clermontsCard = await issueCard(members[1])
    unaffected.isOn = true
    unaffected.running = watch()
  })
  after(async function stop() {
    unaffected.isOn = false
    await unaffected.running
    for (const member of [...members ?? [], ...gent === undefined ? [] : [gent]]) await member.city.stop()
    await chain?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is founded by four cities, each with a seat', async () => {
    const { seats } = await json<{ seats: { city: string; holder: string }[] }>(fetch(`${members[3].city.url}/v1/federation`), 200)
    expect(seats.map(({ city }) => city).sort()).to.deep.equal(founders.map(([locode]) => locode).sort())
  })

  it('admits and activates a fifth city with one vote, whose cards are then good in the others', async () => {
    gent = await openCity(...newcomer, openEnv('BEGNE'))
    const { did, controller, publicUrl } = gent.city.service.city.identity
    const admit = { type: 'admit', locode: 'BEGNE', name: 'Gent', did, controller, recovery: account('recovery of BEGNE'), service_url: publicUrl }
    const activate = { type: 'activate', locode: 'BEGNE', agreement_hash: documentHash('agreement of BEGNE'), dpia_hash: documentHash('assessment of BEGNE') }
    const backwards = await json<{ refusal: { code: string; position: number } }>(members[0].officers[0].post('/v1/governance/rehearsals', {
      action: { type: 'batch', actions: [activate, admit] }, description: 'The wrong way round',
    }), 200)
    expect(backwards.refusal).to.deep.include({ code: 'ERR_CHAIN_CITY_UNKNOWN', position: 0 })
    const { votes, actions } = await decide([members[0], members[1], members[2]], { type: 'batch', actions: [admit, activate] }, 'Gent joins: agreement and assessment have been seen')
    expect(actions).to.deep.equal([admit, activate].map((action) => ({ ...action, contract: 'CityRegistry' })))
    expect(votes.map(({ city, reason }) => `${city}: ${reason}`).sort()).to.deep.equal(['ESMAD: ESMAD agrees', 'FRCFE: FRCFE agrees', 'PTOPO: PTOPO agrees'])
    await whenReady(gent)
    const { admission } = await until('Gent active for Torino too', async () => {
      const member = await memberOf('BEGNE', members[3])
      return member.status === 'active' ? member : undefined
    })
    expect(admission.votes.map(({ city }) => city).sort()).to.deep.equal(['ESMAD', 'FRCFE', 'PTOPO'])
    const card = await issueCard(gent)
    await until('a card of Gent accepted in Porto', async () => (await show(card, members[0])).accepted || undefined)
  })

  it('suspends a city and reinstates it: its cards stop, for that very reason, and come back', async () => {
    const card = await issueCard(members[3])
    await until('a card of Torino accepted in Porto', async () => (await show(card, members[0])).accepted || undefined)
    const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 86_400_000).toISOString()
    await decide([members[0], members[1], members[2]], { type: 'suspend', locode: 'ITTRN', reason: 3, until: end }, 'Suspend Torino: its keys were stolen')
    expect(await show(card, members[0]), 'at the city that saw it carried out').to.deep.equal({ accepted: false, code: 'ERR_ISSUER_SUSPENDED' })
    await until('Torino to know', async () => (await memberOf('ITTRN', members[3])).status === 'suspended' || undefined)
    await act(members[3], { type: 'appeal', statement_hash: documentHash('we have new keys') })
    await decide([members[1], members[0], gent], { type: 'reinstate', locode: 'ITTRN' }, 'Reinstate Torino')
    await until('its cards accepted in Porto again', async () => (await show(card, members[0])).accepted || undefined)
  })

  it('lets a city replace its controller, after the delay, and act with the new key', async () => {
    const before = (await memberOf('PTOPO')).controller
    await act(members[0], { type: 'offer_controller' })
    await until('control accepted', async () => {
      const offer = await json<{ draft_id: string }>(members[0].officers[0].post('/v1/governance/rehearsals', { action: { type: 'accept_controller' } }), 200) as unknown as { passes: boolean }
      return offer.passes || undefined
    })
    await act(members[0], { type: 'accept_controller' })
    await until('another controller', async () => (await memberOf('PTOPO', members[1])).controller !== before || undefined)
    const epoch = async (): Promise<number> => {
      const { status_lists: lists } = await json<{ status_lists: { city: string; epoch: number }[] }>(fetch(`${members[1].city.url}/v1/trust`), 200)
      return lists.find(({ city }) => city === 'PTOPO')?.epoch ?? 0
    }
    const then = await epoch()
    await until('an epoch published with the new key', async () => await epoch() > then + 1 || undefined)
  })

  it('replaces a contract through the Directory, and a wrong code hash is refused before anybody votes', async () => {
    const { CityRegistry, Guardian } = deployment.contracts
    const { target, codeHash } = await deploy('IssuerRegistry', [CityRegistry, Guardian])
    const wrong = await json<{ code: string; refusal: { code: string; advice: string } }>(members[0].officers[0].post('/v1/governance/drafts', {
      action: { type: 'point_directory', name: 'IssuerRegistry', address: target, code_hash: documentHash('other code') }, description: 'A newer registry of issuers',
    }), 422)
    expect(wrong).to.deep.include({ code: 'ERR_REHEARSAL_REFUSED' })
    expect(wrong.refusal).to.deep.include({
      code: 'ERR_CHAIN_CODE_HASH_MISMATCH', advice: 'The code at the address is not the code that was agreed: compare both hashes and propose the right address.',
    })
    const { proposal_id: proposalId } = await decide([members[1], members[2], gent], {
      type: 'point_directory', name: 'IssuerRegistry', address: target, code_hash: codeHash,
    }, 'A newer registry of issuers')
    const current = await until('the new contract known to Gent', async () => {
      const { entries } = await json<{ entries: { name: string; address: string; current: boolean; proposal_id?: string }[] }>(fetch(`${gent.city.url}/v1/federation/directory`), 200)
      const now = entries.filter((entry) => entry.name === 'IssuerRegistry' && entry.current)
      return now.some(({ address }) => address === target) ? now : undefined
    })
    expect(current).to.have.length(1)
    expect(current[0]).to.deep.include({ address: target, proposal_id: proposalId })
    expect((await show(await issueCard(members[1]), members[0])).accepted).to.equal(true)
  })

  it('replaces StatusLists and RewardPrograms with one vote, and cities go on by themselves in the new contracts', async () => {
    const [porto, clermont] = members
    const [officer] = clermont.officers
    const [before, after] = [await issueCard(clermont), await issueCard(clermont)]
    const createProgram = async (name: string) => {
      const { program_id: programId } = await json<{ program_id: string }>(officer.post('/v1/programs', { name, units: 100, until: '2099-12-31' }), 201)
      await until(`${name} running`, async () => {
        const { programs } = await json<{ programs: { program_id: string; state: string }[] }>(fetch(`${clermont.city.url}/v1/programs`), 200)
        return programs.some((one) => one.program_id === programId && one.state === 'running') || undefined
      })
      return programId
    }
    const old = await createProgram('Old points')
    const { address: merchant } = await json<{ address: string }>(officer.post('/v1/merchants', { name: 'Café', iban: 'FR1420041010050500013M02606', login: 'bistro' }), 201)
    const registeredIn = async (programs: string): Promise<boolean> => {
      const provider = new JsonRpcProvider(chain.rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 })
      const { RewardPrograms } = createContracts({ ...deployment, contracts: { ...deployment.contracts, RewardPrograms: programs } }, provider)
      const is = await RewardPrograms.isMerchant(`0x${Buffer.from('FRCFE').toString('hex')}`, merchant)
      provider.destroy()
      return is
    }
    await until('the merchant registered', async () => await registeredIn(deployment.contracts.RewardPrograms) || undefined)
    await json(officer.post(`/v1/cards/${before.cardId}/revoke`, { reason: 'lost' }), 200)
    await until('the first card refused', async () => (await show(before, porto)).code === 'ERR_REVOKED' || undefined)

    const { CityRegistry, Guardian, RewardToken, RewardPrograms } = deployment.contracts
    const [lists, programs] = [await deploy('StatusLists', [CityRegistry, Guardian]), await deploy('RewardPrograms', [CityRegistry, RewardToken, deployer.address, Guardian])]
    const { actions } = await decide([members[1], members[2], members[0]], { type: 'batch', actions: [
      { type: 'point_directory', name: 'StatusLists', address: lists.target, code_hash: lists.codeHash },
      { type: 'accept_ownership', address: programs.target },
      { type: 'set_operator', address: programs.target, allowed: true },
      { type: 'set_operator', address: RewardPrograms, allowed: false },
      { type: 'point_directory', name: 'RewardPrograms', address: programs.target, code_hash: programs.codeHash },
    ] }, 'Newer lists and programmes')
    expect(actions.map(({ type }) => type)).to.deep.equal(['point_directory', 'accept_ownership', 'set_operator', 'set_operator', 'point_directory'])

    await json(officer.post(`/v1/cards/${after.cardId}/revoke`, { reason: 'lost' }), 200)
    await until('the second card refused', async () => (await show(after, porto)).code === 'ERR_REVOKED' || undefined)
    expect((await show(before, porto)).code).to.equal('ERR_REVOKED')
    expect((await show(await issueCard(clermont), porto)).accepted).to.equal(true)
    await until('the merchant registered anew', async () => await registeredIn(programs.target) || undefined)
    const { resident_id: resident } = await json<{ resident_id: string }>(officer.post('/v1/residents', {
      given_name: 'Rui', family_name: 'Silva', birth_date: '1990-02-03', papers_inspected: true, portrait: { media_type: 'image/jpeg', data: Buffer.from(tinyJpeg()).toString('base64') },
    }), 201)
    const award = (programId: string) => officer.post(`/v1/residents/${resident}/awards`, { program_id: programId, points: 1, reason: 'x' })
    expect(await json<{ code: string }>(award(old), 409)).to.include({ code: 'ERR_PROGRAM_REPLACED' })
    await json(award(await createProgram('New points')), 201)
  })

  it('refuses a vote after its end, and says what to do', async () => {
    const { proposals: [latest] } = await json<{ proposals: { proposal_id: string }[] }>(fetch(`${members[0].city.url}/v1/federation/proposals?limit=1`), 200)
    const late = await json<{ refusal: { code: string; advice: string } }>(members[3].officers[0].post('/v1/governance/drafts', {
      action: { type: 'vote', proposal_id: latest?.proposal_id, support: 'against' }, reason: 'too late',
    }), 422)
    expect(late.refusal).to.deep.include({
      code: 'ERR_GOVERNOR_PROPOSAL_EXECUTED', advice: 'The vote is over, and the proposal was carried out: nothing is to be done.',
    })
    expect((await readProposal(members[0], latest?.proposal_id ?? '')).votes.some(({ city }) => city === 'ITTRN')).to.equal(false)
  })

  it('has shown the cards of cities that nothing happened to all the while, and none was refused', async () => {
    unaffected.isOn = false
    await unaffected.running
    expect(unaffected.refused).to.deep.equal([])
    expect(unaffected.shown).to.be.greaterThan(100)
  })

  it('has come to figures that are what a stranger counts from the chain alone, to the last digit, whichever city publishes them', async () => {
    await whileTheChainStandsStill(chain.rpcUrl, async (head) => {
      const { differences, lines } = await recount(members[0], { ...chainOf(), head })
      expect(differences).to.deep.equal([])
      for (const compared of ['open-data/member_events.csv', 'open-data/votes.json', 'open-data/status_lists.json', 'trust programs', 'federation seats', 'federation/proposals/…', 'federation/members/…']) {
        expect(lines.find((line) => line.startsWith(compared)), compared).to.match(/[1-9]\d*\s+[1-9]\d*\s+none$/)
      }
      const published = await publishedBy(members[0], head)
      for (const other of [...members.slice(1), gent]) expect(await publishedBy(other, head), other.locode).to.deep.equal(published)
    })
  })

  it('would be caught if one row of a city\'s index said anything else', async () => {
    const index = chainTables(gent.city.db)
    await whileTheChainStandsStill(chain.rpcUrl, async (head) => {
      // The vote that admitted Gent stands on more pages than one.
      await index.updateTable('chain_votes').set({ reason: 'ESMAD objects' }).where('reason', '=', 'ESMAD agrees').where('block_number', '=',
        index.selectFrom('chain_votes').select((eb) => eb.fn.min('block_number').as('first')).where('reason', '=', 'ESMAD agrees')).execute()
      const { differences } = await recount(gent, { ...chainOf(), head })
      expect(differences.map((difference) => difference.replace(/\d{20,}/g, '…'))).to.include.members([
        'federation/members/BEGNE, admission.votes[ESMAD].reason: published "ESMAD objects", counted "ESMAD agrees"',
        'federation/proposals/…, votes[ESMAD].reason: published "ESMAD objects", counted "ESMAD agrees"',
      ])
      expect(differences.filter((difference) => !difference.includes('ESMAD objects'))).to.deep.equal([])
    })
  })
})
