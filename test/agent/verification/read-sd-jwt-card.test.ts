import { expect } from 'chai'
import { encodeBase64url } from '../../../agent/formats/base64url.ts'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { presentSdJwtVc, splitSdJwt } from '../../../agent/formats/sd-jwt-vc.ts'
import { issueSdJwtVc } from '../../../agent/formats/sd-jwt-vc-issue-node.ts'
import type { CardDecision } from '../../../agent/verification/verify-card.ts'
import { AUDIENCE, claimsOf, createHolder, createPorto, DAY, issuing, NONCE, NOW, PORTO_LIST, PORTO_TYPE, PORTO_URL, type Holder, type Porto } from '../porto.ts'
import { decideAbroad, expectOnly, failures, INDEX, outcomeOf, shown, status } from './decisions.ts'

describe('verification of an SD-JWT VC', () => {
  let porto: Porto
  let holder: Holder

  beforeEach(async () => {
    porto = await createPorto()
    holder = createHolder()
  })

  const decide = (presentation: string): Promise<CardDecision> => decideAbroad(porto, 'dc+sd-jwt', presentation)

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
