import 'fake-indexeddb/auto'
import { expect } from 'chai'
import { ecJwkOfDidJwk } from '../../../agent/formats/jwk.ts'
import { issueSdJwtVc } from '../../../agent/formats/sd-jwt-vc-issue-node.ts'
import { parseSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { CARD_AGES } from '../../../agent/formats/city-card-claims.ts'
import type { CityCardClaims } from '../../../agent/formats/city-card-claims.ts'
import type { EcPublicJwk } from '../../../agent/formats/crypto-suite.ts'
import { createX509HashClientId } from '../../../agent/protocols/client-id.ts'
import { parseCompactJwt } from '../../../agent/protocols/compact-jwt.ts'
import { createDcqlQuery } from '../../../agent/protocols/dcql.ts'
import type { Fetch } from '../../../agent/protocols/http.ts'
import { createRequestLink, createRequestObject } from '../../../agent/protocols/request-object.ts'
import { copiesLeft, openRequest, preparePresentation, refuseRequest, sendPresentation } from '../../../web/wallet/cards/present-card.ts'
import { acceptOffer, resumeIssuances } from '../../../web/wallet/cards/receive-card.ts'
import { openVault } from '../../../web/wallet/vault/vault.ts'
import type { Vault } from '../../../web/wallet/vault/vault.ts'
import { createFakeIssuer, publicUrl } from '../../agent/protocols/fake-issuer.ts'
import { codeOf, createCertificate, createKey, createNetwork, json, NOW, suite } from '../../agent/protocols/support.ts'

const claims = {
  given_name: 'Ana', family_name: 'Reis', birth_date: '1987-03-09', portrait: 'data:image/jpeg;base64,AAAA', card_number: 'PTOPO-1',
  city: 'PTOPO', issue_date: '2026-11-23', expiry_date: '2031-11-23',
  ...Object.fromEntries(CARD_AGES.map((age) => [`age_over_${age}`, age < 40])),
} as unknown as CityCardClaims

const issuerKey = createKey()
const now = () => NOW * 1000

/** A city that issues real cards; `faults` lets the next credential answers get lost. */
function createCity({ boundTo }: { boundTo?: EcPublicJwk } = {}) {
  const issuer = createFakeIssuer()
  const city = { ...issuer, faults: [] as ('answer lost' | 'refused')[], issued: 0 }
  const issue = async (holderJwk: EcPublicJwk) => issueSdJwtVc({
    claims, vct: `${publicUrl}/vct/city-card`, issuer: publicUrl, holderJwk: boundTo ?? holderJwk, kid: 'kid', x5c: ['AA'],
    status: { uri: `${publicUrl}/status/1`, index: city.issued++ }, issuedAtSeconds: NOW, expiresAtSeconds: NOW + 86_400, sign: issuerKey.sign,
  })
  const fetch: Fetch = async (url, init) => {
    const response = await issuer.fetch(url, init)
    if (!url.endsWith('/oid4vci/credential') || !response.ok) return response
    const fault = city.faults.shift()
    if (fault === 'answer lost') throw new TypeError('failed')
    if (fault === 'refused') return json({ error: 'credential_request_denied' }, 400)
    const { proofs } = JSON.parse(String(init?.body)) as { proofs: { jwt: string[] } }
    const keys = proofs.jwt.map((jwt) => {
      const { header } = parseCompactJwt(jwt)
      return (header['jwk'] ?? ecJwkOfDidJwk(String(header['kid']))) as EcPublicJwk
    })
    const credentials = await Promise.all(keys.map(issue))
    return json({ credentials: credentials.map((credential) => ({ credential })), notification_id: 'notification-1' })
  }
  return Object.assign(city, { fetch })
}

async function createVerifier(asked: readonly string[], vct = `${publicUrl}/vct/city-card`) {
  const key = createKey()
  const leaf = await createCertificate(key)
  const [requestUri, responseUri] = ['http://localhost:4801/oid4vp/requests/1', 'http://localhost:4801/oid4vp/responses/1']
  const clientId = await createX509HashClientId(leaf, suite)
  const forms: Record<string, string>[] = []
  const state = { isAway: false }
  const network = createNetwork({
    [requestUri]: async ({ body }) => new Response(await createRequestObject({
      clientId, responseUri, responseMode: 'direct_post', nonce: 'nonce-1', state: 'state-1', purpose: 'Entry', clientName: 'Museum',
      dcqlQuery: createDcqlQuery({ claims: asked, vctValues: [vct] }), issuedAtSeconds: NOW, expiresAtSeconds: NOW + 300,
    }, { x5c: [leaf], sign: key.sign }, new URLSearchParams(body).get('wallet_nonce') ?? undefined), { headers: { 'content-type': 'application/oauth-authz-req+jwt' } }),
    [responseUri]: ({ body }) => {
      if (state.isAway) throw new TypeError('failed')
      forms.push(Object.fromEntries(new URLSearchParams(body)))
      return json({})
    },
  })
  return { ...network, clientId, forms, state, link: createRequestLink(clientId, requestUri) }
}

describe('cards in the wallet', () => {
  let count = 0
  const open: Vault[] = []
  afterEach(() => open.splice(0).forEach((vault) => vault.close()))
  const openFresh = async () => {
    const vault = await openVault({ name: `cards-${++count}` })
    open.push(vault)
    return vault
  }
  const receive = async (vault: Vault, city = createCity()) =>
    acceptOffer({ offer: city.offer, offerLink: city.offerLink, txCode: '123456' }, { vault, fetch: city.fetch, now })

  describe('receiving', () => {
    it('stores one copy for the home city and the others for strangers, each with a key of its own', async () => {
      const [vault, city] = [await openFresh(), createCity()]
      const card = await receive(vault, city)
      expect(card).to.deep.include({ issuer: publicUrl, issuerName: 'Porto', vct: `${publicUrl}/vct/city-card` })
      expect(card.claims).to.deep.include({ given_name: 'Ana', age_over_18: true })
      expect(card.copies).to.have.length(7)
      const all = [card.homeCopy, ...card.copies]
      expect(new Set(all.map(({ keyId }) => keyId)).size).to.equal(8)
      const keys = await Promise.all(all.map(async ({ credential }) => (await parseSdJwtVc(credential)).payload['cnf']))
      expect(new Set(keys.map((key) => JSON.stringify(key))).size).to.equal(8)
      expect(await vault.list('card')).to.deep.equal([card])
      expect(city.notifications).to.deep.equal([{ notificationId: 'notification-1', event: 'credential_accepted' }])
    })

    it('finishes at the next start when the answer got lost, with the same keys', async () => {
      const [vault, city] = [await openFresh(), createCity()]
      city.faults = ['answer lost']
      expect(await codeOf(() => receive(vault, city))).to.equal('ERR_REMOTE_UNREACHABLE')
      const [issuance] = await vault.list('issuance')
      const [card] = await resumeIssuances({ vault, fetch: city.fetch, now })
      expect([card?.homeCopy, ...card?.copies ?? []].map((copy) => copy?.keyId)).to.deep.equal(issuance?.keyIds)
      expect(await vault.list('issuance')).to.deep.equal([])
      expect(await vault.list('card')).to.have.length(1)
    })

    it('gives up what the city refuses for good, and keeps what it cannot be asked now', async () => {
      const [vault, city] = [await openFresh(), createCity()]
      city.faults = ['answer lost', 'answer lost', 'refused']
      await codeOf(() => receive(vault, city))
      await resumeIssuances({ vault, fetch: city.fetch, now })
      expect(await vault.list('issuance')).to.have.length(1)
      await resumeIssuances({ vault, fetch: city.fetch, now })
      expect(await vault.list('issuance')).to.deep.equal([])
    })

    it('keeps nothing of an offer whose code is wrong', async () => {
      const [vault, city] = [await openFresh(), createCity()]
      expect(await codeOf(() => acceptOffer({ offer: city.offer, offerLink: '', txCode: '000000' }, { vault, fetch: city.fetch, now })))
        .to.equal('ERR_REMOTE_REFUSED')
      expect(await vault.list('issuance')).to.deep.equal([])
    })

    it('does not take a card that is bound to another key', async () => {
      const vault = await openFresh()
      expect(await codeOf(() => receive(vault, createCity({ boundTo: createKey().publicJwk })))).to.equal('ERR_RESPONSE_INVALID')
      expect(await vault.list('card')).to.deep.equal([])
    })

    it('puts new copies in the place of the old ones', async () => {
      const vault = await openFresh()
      await receive(vault)
      const card = await receive(vault)
      expect(await vault.list('card')).to.deep.equal([card])
    })
  })

  describe('showing', () => {
    const show = async (vault: Vault, asked: readonly string[] = ['age_over_18']) => {
      const verifier = await createVerifier(asked)
      const tools = { vault, fetch: verifier.fetch, now }
      const opened = await openRequest(verifier.link, tools)
      const prepared = await preparePresentation(opened, opened.choices[0]!, tools)
      await sendPresentation(prepared, tools)
      const { card: [presentation] } = JSON.parse(verifier.forms[0]?.['vp_token'] ?? '') as { card: [string] }
      return { opened, prepared, presentation, verifier }
    }

    it('tells exactly what was asked, bound to who asked', async () => {
      const vault = await openFresh()
      await receive(vault)
      const { opened, presentation, verifier } = await show(vault)
      expect(opened).to.deep.include({ origin: 'http://localhost:4801' })
      expect(opened.choices.map((choice) => choice.claims)).to.deep.equal([['age_over_18']])
      const { disclosures, keyBindingJwt, payload } = await parseSdJwtVc(presentation)
      expect(disclosures.map(({ name }) => name)).to.deep.equal(['age_over_18'])
      const binding = parseCompactJwt(keyBindingJwt ?? '')
      expect(binding.payload).to.deep.include({ aud: verifier.clientId, nonce: 'nonce-1' })
      const { jwk } = payload['cnf'] as { jwk: EcPublicJwk }
      expect(await suite.verifyEs256(jwk, binding.signingInput, binding.signature)).to.equal(true)
    })

    it('never shows two verifiers the same copy, nor the copy of the home city', async () => {
      const vault = await openFresh()
      const card = await receive(vault)
      const seen = new Set<string>()
      for (let i = 0; i < 7; i++) seen.add((await show(vault)).presentation.split('~')[0]!)
      expect(seen.size).to.equal(7)
      expect(seen.has(card.homeCopy.credential.split('~')[0]!)).to.equal(false)
    })

    it('counts the copies down, and keeps the last one for want of a better', async () => {
      const vault = await openFresh()
      await receive(vault)
      const left: number[] = []
      for (let i = 0; i < 9; i++) left.push((await show(vault)).prepared.copiesLeft)
      expect(left).to.deep.equal([6, 5, 4, 3, 2, 1, 0, 0, 0])
      expect((await vault.list('card')).map(copiesLeft)).to.deep.equal([0])
    })

    it('uses the copy up before it is sent, and sends the same again', async () => {
      const vault = await openFresh()
      await receive(vault)
      const verifier = await createVerifier(['age_over_18'])
      const tools = { vault, fetch: verifier.fetch, now }
      verifier.state.isAway = true
      const opened = await openRequest(verifier.link, tools)
      const prepared = await preparePresentation(opened, opened.choices[0]!, tools)
      expect(await codeOf(() => sendPresentation(prepared, tools))).to.equal('ERR_REMOTE_UNREACHABLE')
      expect((await vault.list('card'))[0]?.copies).to.have.length(6)
      verifier.state.isAway = false
      await sendPresentation(prepared, tools)
      expect(verifier.forms).to.have.length(1)
      expect((await vault.list('card'))[0]?.copies).to.have.length(6)
    })

    it('remembers who was told what, and what for', async () => {
      const vault = await openFresh()
      await receive(vault)
      await show(vault, ['given_name', 'portrait'])
      const event = (await vault.list('event')).find(({ kind }) => kind === 'shown')
      expect(event).to.deep.include({ who: 'http://localhost:4801', claims: ['given_name', 'portrait'], purpose: 'Entry' })
    })

    it('uses nothing up when the holder says no', async () => {
      const vault = await openFresh()
      await receive(vault)
      const verifier = await createVerifier(['age_over_18'])
      const { request } = await openRequest(verifier.link, { vault, fetch: verifier.fetch, now })
      await refuseRequest(request, { vault, fetch: verifier.fetch })
      expect(verifier.forms[0]).to.include({ error: 'access_denied' })
      expect((await vault.list('card'))[0]?.copies).to.have.length(7)
    })

    it('says so when no card answers', async () => {
      const vault = await openFresh()
      await receive(vault)
      for (const verifier of [await createVerifier(['nationality']), await createVerifier(['given_name'], 'https://other.example/card')]) {
        expect(await codeOf(() => openRequest(verifier.link, { vault, fetch: verifier.fetch, now }))).to.equal('ERR_NO_MATCHING_CREDENTIAL')
      }
    })
  })
})
