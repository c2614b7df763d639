import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { presentSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { tinyJpeg } from '../../agent/pictures.ts'
import { createBrowser, passwords, startHttpCity, type Browser, type HttpCity } from '../http-city.ts'
import { createWire, credentialsOf, keysOf } from '../wallet.ts'

/** A member of the federation with its two officers, somebody at a gate, and the card of one resident. */
export interface Member {
  readonly locode: string
  readonly city: HttpCity
  /** Both speak for the city; neither can alone. */
  readonly officers: readonly [Browser, Browser]
  readonly gate: Browser
}

export interface HeldCard {
  readonly issuer: string
  readonly cardId: string
  /** Presents the card to a verifier over a nonce. */
  present(audience: string, nonce: string): Promise<string>
}

export interface Proposal {
  readonly proposal_id: string
  readonly state: string
  readonly actions: readonly { readonly type: string }[]
  readonly votes: readonly { readonly city?: string; readonly support: string; readonly reason: string }[]
}

interface Draft {
  readonly draft_id: string
  readonly state: string
  readonly proposal_id?: string
  readonly failure?: { readonly code: string; readonly advice: string }
}

/** The body of an answer that has this status. */
export async function json<Body>(response: Promise<Response>, status: number): Promise<Body> {
  const answer = await response
  const text = await answer.text()
  expect(answer.status, text).to.equal(status)
  return JSON.parse(text) as Body
}

export async function until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
  const end = Date.now() + 90_000
  while (Date.now() < end) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`${what} did not happen`)
}

/** Starts a city's service and signs its people in; it takes its place once the federation has admitted it. */
export async function openCity(locode: string, name: string, env: Record<string, string>): Promise<Member> {
  const city = await startHttpCity({ env: { SYMBOLON_LOCODE: locode, SYMBOLON_CITY_NAME: name, SYMBOLON_STATUS_EPOCH_SECONDS: '2', ...env } })
  const officers = [createBrowser(city.url), createBrowser(city.url)] as const
  await officers[0].signIn('staff', 'officer', passwords.officer)
  await officers[1].signIn('staff', 'councillor', passwords.councillor)
  const gate = createBrowser(city.url)
  await gate.signIn('verifier', 'gate', passwords.gate)
  await city.service.start()
  return { locode, city, officers, gate }
}

/** One officer drafts, the other approves; resolves when the chain has taken it. */
export async function act({ city, officers: [first, second] }: Member, action: object, text: { description?: string; reason?: string } = {}): Promise<Draft> {
  const { draft_id: draftId } = await json<Draft>(first.post('/v1/governance/drafts', { action, ...text }), 201)
  await json(second.post(`/v1/governance/drafts/${draftId}/approve`, {}), 200)
  return await until(`${JSON.stringify(action)} at ${city.url}`, async () => {
    const draft = await json<Draft>(first.fetch(`/v1/governance/drafts/${draftId}`), 200)
    if (draft.state === 'failed') throw new Error(`${JSON.stringify(action)}: ${draft.failure?.code}: ${draft.failure?.advice}`)
    const isKnown = draft.state === 'confirmed' && !('description' in text && draft.proposal_id === undefined)
    return isKnown ? draft : undefined
  })
}

export async function readProposal({ city }: Member, proposalId: string): Promise<Proposal> {
  return await json<Proposal>(fetch(`${city.url}/v1/federation/proposals/${proposalId}`), 200)
}

/** A whole decision: proposed by the first, voted for by all of these, queued and carried out. */
export async function decide(members: readonly [Member, ...Member[]], action: object, description: string): Promise<Proposal> {
  const [proposer] = members
  const { proposal_id: proposalId = '' } = await act(proposer, action, { description })
  const reach = (state: string): Promise<Proposal> => until(`the proposal "${description}" ${state}`, async () => {
    const proposal = await readProposal(proposer, proposalId)
    return proposal.state === state ? proposal : undefined
  })
  await reach('active')
  await Promise.all(members.map(async (member) => {
    await until(`the proposal known to ${member.locode}`, async () => (await fetch(`${member.city.url}/v1/federation/proposals/${proposalId}`)).ok || undefined)
    await act(member, { type: 'vote', proposal_id: proposalId, support: 'for' }, { reason: `${member.locode} agrees` })
  }))
  await reach('succeeded')
  await act(proposer, { type: 'queue', proposal_id: proposalId })
  await reach('executable')
  await act(proposer, { type: 'execute', proposal_id: proposalId })
  return await reach('executed')
}

/** Enrols a resident, and takes the card into a wallet of its own. */
export async function issueCard({ city, officers: [officer], locode }: Member): Promise<HeldCard> {
  const resident = await json<{ resident_id: string }>(officer.post('/v1/residents', {
    given_name: 'Ana', family_name: 'Silva', birth_date: '1990-02-03', papers_inspected: true,
    portrait: { media_type: 'image/jpeg', data: Buffer.from(tinyJpeg()).toString('base64') },
  }), 201)
  const offer = await json<Record<string, unknown>>(officer.post(`/v1/residents/${resident.resident_id}/offers`, {}), 201)
  const { card_id: cardId } = await json<{ card_id: string }>(officer.fetch(`/v1/offers/${String(offer['offer_id'])}`), 200)
  const wire = createWire({ url: city.url, now: () => Math.floor(Date.now() / 1000) })
  const [key] = keysOf(1)
  if (key === undefined) throw new Error('no key')
  const [credential = ''] = credentialsOf(await wire.request(await wire.accessToken(offer), [key]))
  return {
    issuer: locode,
    cardId,
    present: async (audience, nonce) => await presentSdJwtVc({
      credential, claims: ['age_over_18'], audience, nonce, issuedAtSeconds: Math.floor(Date.now() / 1000), sign: key.sign, crypto: webCryptoSuite,
    } as Parameters<typeof presentSdJwtVc>[0]),
  }
}

export interface Decision {
  readonly accepted: boolean
  /** The first thing that was wrong. */
  readonly code: string | undefined
}

/** Shows a card at another city's gate. */
export async function show(card: HeldCard, { city, gate }: Member): Promise<Decision> {
  const nonce = crypto.randomUUID()
  const presentation = await card.present(city.url, nonce)
  const { accepted, checks } = await json<{ accepted: boolean; checks: { outcome: string; code?: string }[] }>(
    gate.post('/v1/verification/verify', { presentation, nonce, audience: city.url, format: 'dc+sd-jwt' }), 200)
  return { accepted, code: checks.find(({ outcome }) => outcome === 'failed')?.code }
}
