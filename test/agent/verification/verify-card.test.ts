import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { encodeBase64url } from '../../../agent/formats/base64url.ts'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { didJwkOf } from '../../../agent/formats/jwk.ts'
import { presentJwtVc } from '../../../agent/formats/jwt-vp.ts'
import { presentSdJwtVc, splitSdJwt } from '../../../agent/formats/sd-jwt-vc.ts'
import { issueSdJwtVc } from '../../../agent/formats/sd-jwt-vc-issue-node.ts'
import { CARD_CHECKS, verifyCard, type CardCheck, type CardCheckCode, type CardDecision, type VerifyCardOptions } from '../../../agent/verification/verify-card.ts'
import type { CardFormat } from '../../../agent/verification/presented-card.ts'
import { AUDIENCE, claimsOf, createHolder, createPorto, DAY, issuing, NONCE, NOW, PORTO_LIST, PORTO_TYPE, PORTO_URL, signEs256, type Holder, type Porto } from '../porto.ts'

const INDEX = 123_456

type Issuing = ReturnType<typeof issuing>

/** How one format issues and presents; everything after is the same for both. */
interface Dialect {
  readonly format: CardFormat
  issue(porto: Porto, holder: Holder, change?: Partial<Issuing>, city?: string): Promise<string>
  present(credential: string, holder: Holder, change?: { audience?: string, nonce?: string, issuedAtSeconds?: number }): Promise<string>
}

const status = { uri: PORTO_LIST, index: INDEX }
const shown = { audience: AUDIENCE, nonce: NONCE, issuedAtSeconds: NOW - 5 }

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

    const decide = (presentation: string, change: Partial<VerifyCardOptions> = {}): Promise<CardDecision> => verifyCard({
      presentation,
      format: dialect.format,
      audience: AUDIENCE,
      nonce: NONCE,
      verifierCity: 'FRCFE',
      trust: porto.trust,
      status: porto.trust,
      nowSeconds: NOW,
      policy: { maxStatusAgeSeconds: 600 },
      ...change,
    })

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
        porto.trust.readings.set(`${PORTO_LIST}#${INDEX}`, { value, epoch: 43, updatedAtSeconds: NOW - 3 })
        const decision = await decide(await presented())
        expectOnly(decision, 'status', code)
        expect(decision.status).to.include({ value, epoch: 43, ageSeconds: 3 })
      })
    }

    it('refuses a card whose status list is not known', async () => {
      porto.trust.lists.clear()
      expectOnly(await decide(await presented()), 'status', 'ERR_STATUS_UNKNOWN')
    })

    it('refuses a card when its status cannot be read', async () => {
      const broken = { readStatus: () => Promise.reject(new Error('the index is being rebuilt')) }
      expectOnly(await decide(await presented(), { status: broken }), 'status', 'ERR_STATUS_UNKNOWN')
    })

    it('refuses a card whose status has a value that nobody defined', async () => {
      porto.trust.lists.set(PORTO_LIST, { value: 'application-specific' as never, epoch: 42, updatedAtSeconds: NOW })
      expectOnly(await decide(await presented()), 'status', 'ERR_STATUS_UNKNOWN')
    })

    it('refuses a card whose status is older than the policy allows', async () => {
      porto.trust.lists.set(PORTO_LIST, { value: 'valid', epoch: 40, updatedAtSeconds: NOW - 601 })
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

describe('verification of an SD-JWT VC', () => {
  let porto: Porto
  let holder: Holder

  beforeEach(async () => {
    porto = await createPorto()
    holder = createHolder()
  })

  const decide = (presentation: string, change: Partial<VerifyCardOptions> = {}): Promise<CardDecision> => verifyCard({
    presentation, format: 'dc+sd-jwt', audience: AUDIENCE, nonce: NONCE, verifierCity: 'FRCFE', trust: porto.trust, status: porto.trust,
    nowSeconds: NOW, policy: { maxStatusAgeSeconds: 600 }, ...change,
  })

  const issue = (change: { kid?: string, x5c?: readonly string[] } = {}): Promise<string> => issueSdJwtVc({
    ...issuing(porto), claims: claimsOf(), issuer: PORTO_URL, holderJwk: holder.publicJwk, status,
    sign: (input) => porto.agent.keys.signJws(porto.issuerKid, input), ...change,
  })

  /** Signs any payload and header with Porto's key. */
  const forge = async (header: object, payload: object, disclosures: readonly string[] = []): Promise<string> => {
    const encode = (value: object): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
    const input = `${encode({ alg: 'ES256', typ: 'dc+sd-jwt', kid: porto.issuerKid, ...header })}.${encode({
      vct: PORTO_TYPE, iat: NOW - 10 * DAY, exp: NOW + DAY, cnf: { jwk: holder.publicJwk }, status: { status_list: { idx: INDEX, uri: PORTO_LIST } }, ...payload,
    })}`
    return [`${input}.${await porto.agent.keys.signJws(porto.issuerKid, input)}`, ...disclosures, ''].join('~')
  }

  /** Binds any text that ends in a tilde to the request, whatever is in it. */
  const bind = async (text: string, header: object = {}, payload: object = {}): Promise<string> => {
    const encode = (value: object): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
    const hash = encodeBase64url(await webCryptoSuite.sha256(text))
    const input = `${encode({ alg: 'ES256', typ: 'kb+jwt', ...header })}.${encode({ iat: NOW, aud: AUDIENCE, nonce: NONCE, sd_hash: hash, ...payload })}`
    return `${text}${input}.${holder.sign(input)}`
  }

  const disclosure = (...parts: unknown[]): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(parts)))

  const digestOf = async (text: string): Promise<string> => encodeBase64url(await webCryptoSuite.sha256(text))

  const expectMalformed = (decision: CardDecision): void => {
    expect(decision.accepted).to.equal(false)
    expect(failures(decision)).to.deep.equal([['signature', 'ERR_CREDENTIAL_MALFORMED']])
  }

  it('finds the key by kid alone', async () => {
    expect((await decide(await bind(await forge({}, {})))).accepted).to.equal(true)
  })

  it('cannot check the signature of an unknown key without a certificate', async () => {
    const decision = await decide(await bind(await forge({ kid: 'unknown' }, {})))
    expect(failures(decision)).to.deep.equal([['key', 'ERR_KEY_UNKNOWN']])
    expect(outcomeOf(decision, 'signature')).to.equal('skipped')
    expect(decision.accepted).to.equal(false)
  })

  it('refuses a card whose kid and certificate name different keys', async () => {
    const other = await porto.agent.keys.createKey({ type: 'Secp256r1' })
    expectMalformed(await decide(await bind(await issue({ kid: other.kid }))))
  })

  it('refuses a certificate that is larger than any should be', async () => {
    const padded = `${porto.x5c[0]}${'\n'.repeat(8_192)}`
    expectMalformed(await decide(await bind(await forge({ x5c: [padded] }, {}))))
    expect((await decide(await bind(await forge({ x5c: [`${porto.x5c[0]}\n`] }, {})))).accepted).to.equal(true)
  })

  it('refuses another algorithm, another type and critical extensions', async () => {
    for (const header of [{ alg: 'none' }, { alg: 'HS256' }, { typ: 'JWT' }, { typ: undefined }, { crit: ['exp'] }, { x5c: ['no certificate'] }]) {
      expectMalformed(await decide(await bind(await forge(header, {}))))
    }
  })

  it('refuses a card without a holder key', async () => {
    const decision = await decide(await bind(await forge({}, { cnf: undefined })))
    expectOnly(decision, 'holder-binding', 'ERR_HOLDER_BINDING')
  })

  it('refuses a card without a key binding', async () => {
    expectOnly(await decide(await forge({}, {})), 'holder-binding', 'ERR_HOLDER_BINDING')
  })

  it('refuses a key binding over other disclosures, of another type or algorithm', async () => {
    const credential = await issue()
    const presentation = await presentSdJwtVc({ credential, claims: ['age_over_18', 'city'], sign: holder.sign, ...shown })
    const { jwt, disclosures, keyBindingJwt } = splitSdJwt(presentation)
    expectOnly(await decide([jwt, disclosures[0], keyBindingJwt].join('~')), 'holder-binding', 'ERR_HOLDER_BINDING')
    for (const header of [{ typ: 'JWT' }, { alg: 'none' }, { crit: ['b64'] }]) {
      expectOnly(await decide(await bind(await forge({}, {}), header)), 'holder-binding', 'ERR_HOLDER_BINDING')
    }
  })

  it('refuses a key binding without a time', async () => {
    expectOnly(await decide(await bind(await forge({}, {}), {}, { iat: undefined })), 'holder-binding', 'ERR_REPLAYED')
    expectOnly(await decide(await bind(await forge({}, {}), {}, { iat: '0' })), 'holder-binding', 'ERR_REPLAYED')
  })

  it('refuses a card that names no status list', async () => {
    for (const claim of [undefined, {}, { status_list: { idx: -1, uri: PORTO_LIST } }, { status_list: { idx: '1', uri: PORTO_LIST } }]) {
      expectOnly(await decide(await bind(await forge({}, { status: claim }))), 'status', 'ERR_STATUS_UNKNOWN')
    }
  })

  it('refuses a disclosure that the card does not have', async () => {
    expectMalformed(await decide(await bind(await forge({}, { _sd: [] }, [disclosure('salt', 'age_over_18', true)]))))
  })

  it('refuses a disclosure shown twice and a digest that stands twice', async () => {
    const one = disclosure('salt', 'age_over_18', true)
    expectMalformed(await decide(await bind(await forge({}, { _sd: [await digestOf(one)] }, [one, one]))))
    expectMalformed(await decide(await bind(await forge({}, { _sd: [await digestOf(one), await digestOf(one)] }, [one]))))
  })

  it('refuses a disclosure under a name that is taken or reserved', async () => {
    for (const name of ['cnf', 'exp', '_sd', '...', 'vct', 'status', 'purpose']) {
      const one = disclosure('salt', name, 'x')
      expectMalformed(await decide(await bind(await forge({}, { purpose: 'x', _sd: [await digestOf(one)] }, [one]))))
    }
    const [first, second] = [disclosure('salt', 'a', 1), disclosure('salt', 'a', 2)]
    expectMalformed(await decide(await bind(await forge({}, { _sd: [await digestOf(first), await digestOf(second)] }, [first, second]))))
  })

  it('refuses a disclosure with parts, of an array, or of another hash', async () => {
    for (const one of [disclosure('salt', 'a', { _sd: [] }), disclosure('salt', 'a', ['x']), disclosure('salt', 'a'), disclosure(1, 'a', 'b')]) {
      expectMalformed(await decide(await bind(await forge({}, { _sd: [await digestOf(one)] }, [one]))))
    }
    expectMalformed(await decide(await bind(await forge({}, { _sd: [], _sd_alg: 'md5' }))))
  })

  it('takes a claim called __proto__ for what it is', async () => {
    const one = encodeBase64url(new TextEncoder().encode('["salt","__proto__","x"]'))
    const { claims } = await decide(await bind(await forge({}, { _sd: [await digestOf(one)] }, [one])))
    expect(Object.getOwnPropertyNames(claims)).to.deep.equal(['__proto__'])
    expect(Object.getPrototypeOf(claims)).to.equal(Object.prototype)
  })

  it('refuses times that are none', async () => {
    for (const payload of [{ exp: undefined }, { exp: 'never' }, { iat: 1.5 }, { nbf: -1 }]) {
      expectMalformed(await decide(await bind(await forge({}, payload))))
    }
  })
})

describe('verification of a JWT VC', () => {
  const holder = createHolder()
  let porto: Porto
  let credential: string

  beforeEach(async () => {
    porto = await createPorto()
    credential = await porto.agent.createJwtVc({
      ...issuing(porto), claims: claimsOf(), issuerDid: porto.did, holderJwk: holder.publicJwk, status,
    })
  })

  const decide = (payload: object, header: object = {}): Promise<CardDecision> => {
    const encode = (value: object): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
    const input = `${encode({ alg: 'ES256', ...header })}.${encode({
      iss: didJwkOf(holder.publicJwk), aud: AUDIENCE, nonce: NONCE, iat: NOW, vp: { verifiableCredential: [credential] }, ...payload,
    })}`
    return verifyCard({
      presentation: `${input}.${holder.sign(input)}`, format: 'jwt_vc_json', audience: AUDIENCE, nonce: NONCE, verifierCity: 'FRCFE',
      trust: porto.trust, status: porto.trust, nowSeconds: NOW, policy: { maxStatusAgeSeconds: 600 },
    })
  }

  it('takes the one credential with or without a list around it', async () => {
    expect((await decide({})).accepted).to.equal(true)
    expect((await decide({ vp: { verifiableCredential: credential } })).accepted).to.equal(true)
  })

  it('refuses a presentation of two credentials or none', async () => {
    for (const vp of [{ verifiableCredential: [credential, credential] }, { verifiableCredential: [] }, {}, undefined]) {
      expect(failures(await decide({ vp }))).to.deep.equal([['signature', 'ERR_CREDENTIAL_MALFORMED']])
    }
  })

  it('refuses a presentation that names another holder, another key or another algorithm', async () => {
    const other = didJwkOf(createHolder().publicJwk)
    expectOnly(await decide({ iss: other }), 'holder-binding', 'ERR_HOLDER_BINDING')
    expectOnly(await decide({ iss: undefined }), 'holder-binding', 'ERR_HOLDER_BINDING')
    for (const header of [{ kid: `${other}#0` }, { alg: 'none' }, { crit: ['x'] }]) {
      expectOnly(await decide({}, header), 'holder-binding', 'ERR_HOLDER_BINDING')
    }
  })
})

/** The card fails in one check alone; all others pass. */
function expectOnly(decision: CardDecision, check: CardCheck, code: CardCheckCode): void {
  expect(decision.accepted).to.equal(false)
  expect(decision.claims).to.deep.equal({})
  expect(failures(decision)).to.deep.equal([[check, code]])
  const others = decision.checks.filter((result) => result.check !== check)
  expect(others.map(({ outcome }) => outcome)).to.deep.equal(others.map(() => 'passed'))
}

function failures(decision: CardDecision): Array<[CardCheck, CardCheckCode | undefined]> {
  return decision.checks.filter(({ outcome }) => outcome === 'failed').map(({ check, code }) => [check, code])
}

function outcomeOf(decision: CardDecision, check: CardCheck): string | undefined {
  return decision.checks.find((result) => result.check === check)?.outcome
}
