import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { presentJwtVc } from '../../../agent/formats/jwt-vp.ts'
import { presentSdJwtVc, splitSdJwt } from '../../../agent/formats/sd-jwt-vc.ts'
import type { CardFormat } from '../../../agent/verification/presented-card.ts'
import { CARD_CHECKS, type CardDecision, type VerifyCardOptions } from '../../../agent/verification/verify-card.ts'
import { AUDIENCE, claimsOf, createHolder, createPorto, DAY, issuing, NONCE, NOW, PORTO_LIST, PORTO_TYPE, PORTO_URL, signEs256, type Holder, type Porto } from '../porto.ts'
import { decideAbroad, expectOnly, failures, INDEX, outcomeOf, shown, status } from './decisions.ts'

type Issuing = ReturnType<typeof issuing>

/** How one format issues and presents; everything after is the same for both. */
interface Dialect {
  readonly format: CardFormat
  issue(porto: Porto, holder: Holder, change?: Partial<Issuing>, city?: string): Promise<string>
  present(credential: string, holder: Holder, change?: { audience?: string, nonce?: string, issuedAtSeconds?: number }): Promise<string>
}

const DIALECTS: readonly Dialect[] = [
  {
    format: 'dc+sd-jwt',
    issue: (porto, holder, change) => porto.agent.createSdJwtVc({
      ...issuing(porto), claims: claimsOf(), issuer: PORTO_URL, holderJwk: holder.publicJwk, status, ...change,
    }),
    present: (credential, holder, change) => presentSdJwtVc({
      credential, claims: ['age_over_18', 'given_name', 'city'], sign: holder.sign, ...shown, ...change,
    }),
  },
  {
    format: 'jwt_vc_json',
    issue: (porto, holder, change) => porto.agent.createJwtVc({
      ...issuing(porto), claims: claimsOf(), issuerDid: porto.did, holderJwk: holder.publicJwk, status, ...change,
    }),
    present: (credential, holder, change) => presentJwtVc({ credential, holderJwk: holder.publicJwk, sign: holder.sign, ...shown, ...change }),
  },
]

for (const dialect of DIALECTS) {
  describe(`verification of a card (${dialect.format})`, () => {
    let porto: Porto
    let holder: Holder

    beforeEach(async () => {
      porto = await createPorto()
      holder = createHolder()
    })

    const decide = (presentation: string, change: Partial<VerifyCardOptions> = {}): Promise<CardDecision> =>
      decideAbroad(porto, dialect.format, presentation, change)

    const presented = async (issue?: Partial<Issuing>, present?: Parameters<Dialect['present']>[2]): Promise<string> => {
      return dialect.present(await dialect.issue(porto, holder, issue), holder, present)
    }

    it('accepts a good card of a recognised city', async () => {
      const decision = await decide(await presented())
      expect(decision.checks.map(({ check, outcome }) => [check, outcome])).to.deep.equal(CARD_CHECKS.map((check) => [check, 'passed']))
      expect(decision.accepted).to.equal(true)
      expect(decision.issuer).to.deep.equal({ locode: 'PTOPO', name: 'Porto', did: porto.did, serviceUrl: PORTO_URL })
      expect(decision.credentialType).to.equal(PORTO_TYPE)
      expect(decision.status).to.deep.equal({ value: 'valid', epoch: 42, updatedAtSeconds: NOW - 30, ageSeconds: 30 })
      expect(decision.claims).to.include({ age_over_18: true, given_name: 'Maria', city: 'PTOPO' })
    })

    it('accepts the same with the Web Cryptography API', async () => {
      expect((await decide(await presented(), { crypto: webCryptoSuite })).accepted).to.equal(true)
    })

    it('accepts a card of its own without an agreement', async () => {
      porto.trust.recognitions.length = 0
      expect((await decide(await presented(), { verifierCity: 'PTOPO' })).accepted).to.equal(true)
    })

    it('decides the same through the agent', async () => {
      const decision = await porto.agent.verifyCard({
        presentation: await presented(), format: dialect.format, audience: AUDIENCE, nonce: NONCE, verifierCity: 'FRCFE', policy: { maxStatusAgeSeconds: 600 },
      })
      expect(decision.accepted).to.equal(true)
    })

    it('refuses a card whose signature was made by another key', async () => {
      const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      const credential = await dialect.issue(porto, holder)
      const { jwt } = splitSdJwt(`${credential}${dialect.format === 'dc+sd-jwt' ? '' : '~'}`)
      const signingInput = jwt.slice(0, jwt.lastIndexOf('.'))
      const forged = credential.replace(jwt, `${signingInput}.${signEs256(signingInput, forger)}`)
      expectOnly(await decide(await dialect.present(forged, holder)), 'signature', 'ERR_SIGNATURE_INVALID')
    })

    it('refuses a card that was issued before the accreditation began', async () => {
      porto.trust.accreditations[0] = { ...porto.trust.accreditations[0]!, validFromSeconds: NOW - 9 * DAY }
      expectOnly(await decide(await presented()), 'accreditation', 'ERR_ISSUER_NOT_ACCREDITED')
    })

    it('refuses a card that was issued after the accreditation ended', async () => {
      porto.trust.accreditations[0] = { ...porto.trust.accreditations[0]!, validUntilSeconds: NOW - 11 * DAY }
      expectOnly(await decide(await presented()), 'accreditation', 'ERR_ISSUER_NOT_ACCREDITED')
    })

    it('accepts a card that was issued on the very day of the accreditation', async () => {
      porto.trust.accreditations[0] = { ...porto.trust.accreditations[0]!, validFromSeconds: NOW - 10 * DAY }
      expect((await decide(await presented())).accepted).to.equal(true)
    })

    it('still accepts a card whose issuer was accredited when it was issued, though no more', async () => {
      porto.trust.accreditations[0] = { ...porto.trust.accreditations[0]!, validUntilSeconds: NOW - 5 * DAY }
      expect((await decide(await presented())).accepted).to.equal(true)
    })

    it('refuses a card of a suspended city', async () => {
      porto.trust.cities[0] = { ...porto.trust.cities[0]!, status: 'suspended', suspensionReason: 3 }
      expectOnly(await decide(await presented()), 'accreditation', 'ERR_ISSUER_SUSPENDED')
    })

    for (const state of ['pending', 'removed'] as const) {
      it(`refuses a card of a ${state} city`, async () => {
        porto.trust.cities[0] = { ...porto.trust.cities[0]!, status: state }
        expectOnly(await decide(await presented()), 'accreditation', 'ERR_ISSUER_NOT_ACCREDITED')
      })
    }

    it('refuses a card that says it is of another city than its key', async () => {
      const claims = { ...claimsOf(), city: 'FRCFE' }
      const credential = dialect.format === 'dc+sd-jwt'
        ? await porto.agent.createSdJwtVc({ ...issuing(porto), claims, issuer: PORTO_URL, holderJwk: holder.publicJwk, status })
        : await porto.agent.createJwtVc({ ...issuing(porto), claims, issuerDid: porto.did, holderJwk: holder.publicJwk, status })
      expectOnly(await decide(await dialect.present(credential, holder)), 'accreditation', 'ERR_ISSUER_MISMATCH')
    })

    it('does not let another city adopt its cards by accrediting the same key', async () => {
      porto.trust.accreditations.push({ ...porto.trust.accreditations[0]!, locode: 'FRCFE' })
      porto.trust.cities[0] = { ...porto.trust.cities[0]!, status: 'suspended' }
      const decision = await decide(await presented())
      expectOnly(decision, 'accreditation', 'ERR_ISSUER_SUSPENDED')
      expect(decision.issuer?.locode).to.equal('PTOPO')
    })

    it('refuses a card of a key that several cities claim when none publishes its type', async () => {
      porto.trust.accreditations.push({ ...porto.trust.accreditations[0]!, locode: 'FRCFE' })
      porto.trust.cities[0] = { ...porto.trust.cities[0]!, serviceUrl: 'https://moved.example' }
      const decision = await decide(await presented())
      expect(decision.accepted).to.equal(false)
      expect(failures(decision)).to.deep.equal([['accreditation', 'ERR_ISSUER_MISMATCH']])
    })

    it('refuses a card whose key nobody accredited, though its signature is right', async () => {
      porto.trust.accreditations.length = 0
      const decision = await decide(await presented())
      expect(decision.accepted).to.equal(false)
      expect(failures(decision)).to.deep.equal([['key', 'ERR_KEY_UNKNOWN']])
      expect(outcomeOf(decision, 'signature')).to.equal('passed')
      expect(decision.issuer).to.equal(undefined)
    })

    it('refuses a card whose key is accredited for another type only', async () => {
      const decision = await decide(await presented({ vct: `${PORTO_URL}/vct/library-card` }))
      expect(failures(decision)).to.deep.equal([['key', 'ERR_KEY_UNKNOWN']])
    })

    it('refuses a card that was issued when its key was no longer trusted', async () => {
      porto.trust.accreditations[0] = { ...porto.trust.accreditations[0]!, untrustedFromSeconds: NOW - 11 * DAY }
      expectOnly(await decide(await presented()), 'key', 'ERR_KEY_WITHDRAWN')
    })

    it('refuses a card of the day on which its key ceased to be trusted', async () => {
      porto.trust.accreditations[0] = { ...porto.trust.accreditations[0]!, untrustedFromSeconds: NOW - 10 * DAY }
      expectOnly(await decide(await presented()), 'key', 'ERR_KEY_WITHDRAWN')
    })

    it('still accepts a card from before its key ceased to be trusted', async () => {
      porto.trust.accreditations[0] = { ...porto.trust.accreditations[0]!, untrustedFromSeconds: NOW - 9 * DAY }
      expect((await decide(await presented())).accepted).to.equal(true)
    })

    it('refuses a card without an agreement with its city', async () => {
      porto.trust.recognitions.length = 0
      expectOnly(await decide(await presented()), 'recognition', 'ERR_NOT_RECOGNISED')
    })

    it('refuses a card when the agreement has ended', async () => {
      porto.trust.recognitions[0] = { ...porto.trust.recognitions[0]!, validUntilSeconds: NOW }
      expectOnly(await decide(await presented()), 'recognition', 'ERR_NOT_RECOGNISED')
    })

    it('refuses a card for a benefit that the agreement does not cover', async () => {
      const presentation = await presented()
      expectOnly(await decide(presentation, { policy: { maxStatusAgeSeconds: 600, benefitClass: 3 } }), 'recognition', 'ERR_NOT_RECOGNISED')
      expect((await decide(presentation, { policy: { maxStatusAgeSeconds: 600, benefitClass: 2 } })).accepted).to.equal(true)
    })

    it('refuses a card that has expired', async () => {
      expectOnly(await decide(await presented({ expiresAtSeconds: NOW - DAY })), 'validity', 'ERR_EXPIRED')
    })

    it('refuses a card that is not valid yet', async () => {
      const later = { issuedAtSeconds: NOW + 2 * DAY, expiresAtSeconds: NOW + 20 * DAY }
      expectOnly(await decide(await presented(later)), 'validity', 'ERR_NOT_YET_VALID')
    })

    for (const [value, code] of [['invalid', 'ERR_REVOKED'], ['suspended', 'ERR_SUSPENDED']] as const) {
      it(`refuses a card whose status is ${value}`, async () => {
        porto.trust.readings.set(`${PORTO_LIST}#${INDEX}`, { city: 'PTOPO', value, epoch: 43, updatedAtSeconds: NOW - 3 })
        const decision = await decide(await presented())
        expectOnly(decision, 'status', code)
        expect(decision.status).to.include({ value, epoch: 43, ageSeconds: 3 })
      })
    }

    it('refuses a card whose status list is not known', async () => {
      porto.trust.lists.clear()
      expectOnly(await decide(await presented()), 'status', 'ERR_STATUS_UNKNOWN')
    })

    it('refuses a card whose status list another city has taken', async () => {
      porto.trust.lists.set(PORTO_LIST, { city: 'FRCFE', value: 'valid', epoch: 42, updatedAtSeconds: NOW })
      expectOnly(await decide(await presented()), 'status', 'ERR_STATUS_UNKNOWN')
    })

    it('refuses a card when its status cannot be read', async () => {
      const broken = { readStatus: () => Promise.reject(new Error('the index is being rebuilt')) }
      expectOnly(await decide(await presented(), { status: broken }), 'status', 'ERR_STATUS_UNKNOWN')
    })

    it('refuses a card whose status has a value that nobody defined', async () => {
      porto.trust.lists.set(PORTO_LIST, { city: 'PTOPO', value: 'application-specific' as never, epoch: 42, updatedAtSeconds: NOW })
      expectOnly(await decide(await presented()), 'status', 'ERR_STATUS_UNKNOWN')
    })

    it('refuses a card whose status is older than the policy allows', async () => {
      porto.trust.lists.set(PORTO_LIST, { city: 'PTOPO', value: 'valid', epoch: 40, updatedAtSeconds: NOW - 601 })
      expectOnly(await decide(await presented()), 'status', 'ERR_STATUS_STALE')
      expect((await decide(await presented(), { policy: { maxStatusAgeSeconds: 601 } })).accepted).to.equal(true)
    })

    it('refuses a card when a policy names no age at all', async () => {
      expectOnly(await decide(await presented(), { policy: { maxStatusAgeSeconds: NaN } }), 'status', 'ERR_STATUS_STALE')
    })

    it('refuses a card that somebody else presents', async () => {
      const thief = createHolder()
      const stolen = { ...thief, publicJwk: holder.publicJwk }
      expectOnly(await decide(await dialect.present(await dialect.issue(porto, holder), stolen)), 'holder-binding', 'ERR_HOLDER_BINDING')
    })

    it('refuses a presentation that was made for another verifier', async () => {
      expectOnly(await decide(await presented({}, { audience: 'https://elsewhere.example' })), 'holder-binding', 'ERR_AUDIENCE')
    })

    it('refuses a presentation that was made for another request', async () => {
      expectOnly(await decide(await presented({}, { nonce: 'another' })), 'holder-binding', 'ERR_REPLAYED')
    })

    it('refuses a presentation that is old or ahead of time', async () => {
      expectOnly(await decide(await presented({}, { issuedAtSeconds: NOW - 301 })), 'holder-binding', 'ERR_REPLAYED')
      expectOnly(await decide(await presented({}, { issuedAtSeconds: NOW + 61 })), 'holder-binding', 'ERR_REPLAYED')
    })

    it('refuses when the trust source fails', async () => {
      const broken = { ...porto.trust, findAccreditations: () => Promise.reject(new Error('no database')) }
      const decision = await decide(await presented(), { trust: broken })
      expect(decision.accepted).to.equal(false)
      expect(failures(decision)).to.deep.equal([['key', 'ERR_TRUST_UNAVAILABLE']])
      const halfBroken = { ...porto.trust, findRecognition: () => Promise.reject(new Error('no database')) }
      expectOnly(await decide(await presented(), { trust: halfBroken }), 'recognition', 'ERR_TRUST_UNAVAILABLE')
    })

    it('answers garbage with a refusal, never with an exception', async () => {
      const good = await presented()
      for (const garbage of ['', '~', '...', 'a.b.c', 'a.b.c~~', good.slice(0, 200), good.replaceAll('.', '~'), `${good}~`, `x${good}`]) {
        const decision = await decide(garbage)
        expect(decision.accepted).to.equal(false)
        expect(decision.claims).to.deep.equal({})
        expect(decision.checks).to.have.length(CARD_CHECKS.length)
      }
    })

    it('insists on an audience and a nonce', async () => {
      const presentation = await presented()
      for (const missing of [{ nonce: '' }, { audience: '' }]) {
        let thrown: unknown
        await decide(presentation, missing).catch((error: unknown) => { thrown = error })
        expect(thrown).to.be.instanceOf(TypeError)
      }
    })
  })
}
