import { verify as verifyNatively, createPublicKey } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { expect } from 'chai'
import fc from 'fast-check'
import { encodeBase64url } from '../../../agent/formats/base64url.ts'
import { createCardNumber } from '../../../agent/formats/card-number.ts'
import { CITY_CARD_CLAIMS } from '../../../agent/formats/city-card-claims.ts'
import { webCryptoSuite, type EcPublicJwk } from '../../../agent/formats/crypto-suite.ts'
import { hasherOf, parseDisclosure, parseSdJwtVc, presentSdJwtVc, splitJwt, splitSdJwt } from '../../../agent/formats/sd-jwt-vc.ts'
import { DIGEST_COUNT } from '../../../agent/formats/sd-jwt-vc-issue-node.ts'
import { nativeCryptoSuite } from '../../../agent/keys/crypto-suite-node.ts'
import { AgentError } from '../../../agent/errors.ts'
import { jwkThumbprint } from '../../../agent/keys/key-material.ts'
import vectors from '../../vectors/sd-jwt-rfc9901.json' with { type: 'json' }
import { expectCode } from '../expect-code.ts'
import { AUDIENCE, claimsOf, createHolder, createPorto, DAY, issuing, NONCE, NOW, PORTO_LIST, PORTO_TYPE, PORTO_URL, type Porto } from '../porto.ts'
import { jpegOfSize, tinyWebp } from '../pictures.ts'

describe('SD-JWT VC', () => {
  let porto: Porto
  const holder = createHolder()

  before(async () => {
    porto = await createPorto()
  })

  const issue = (change: object = {}): Promise<string> => porto.agent.createSdJwtVc({
    ...issuing(porto), claims: claimsOf(), issuer: PORTO_URL, holderJwk: holder.publicJwk, status: { uri: PORTO_LIST, index: 123_456 }, ...change,
  })

  it('is issued with the header and payload that the specification asks for', async () => {
    const { header, payload } = await parseSdJwtVc(await issue())
    expect(header).to.deep.equal({ alg: 'ES256', typ: 'dc+sd-jwt', kid: porto.issuerKid, x5c: porto.x5c })
    const { _sd, ...open } = payload as { _sd: string[] }
    expect(open).to.deep.equal({
      iss: PORTO_URL,
      vct: PORTO_TYPE,
      iat: Date.parse('2026-05-10T00:00:00Z') / 1000,
      nbf: Date.parse('2026-05-10T00:00:00Z') / 1000,
      exp: Date.parse('2027-05-10T00:00:00Z') / 1000,
      cnf: { jwk: holder.publicJwk },
      status: { status_list: { idx: 123_456, uri: PORTO_LIST } },
      _sd_alg: 'sha-256',
    })
    expect(_sd).to.have.length(DIGEST_COUNT)
    expect(_sd).to.deep.equal(_sd.toSorted())
  })

  it('can disclose each claim alone, and carries no digest that is not explained but decoys', async () => {
    const { disclosures, claims, payload } = await parseSdJwtVc(await issue())
    expect(disclosures.map(({ name }) => name)).to.deep.equal(CITY_CARD_CLAIMS)
    for (const name of CITY_CARD_CLAIMS) expect(claims[name]).to.equal(claimsOf()[name])
    const digests = await Promise.all(disclosures.map(async ({ encoded }) => encodeBase64url(await webCryptoSuite.sha256(encoded))))
    expect(payload['_sd']).to.include.members(digests)
    expect(new Set(payload['_sd'] as string[]).size).to.equal(DIGEST_COUNT)
  })

  it('has salts of 128 bits that never repeat', async () => {
    const salts: string[] = []
    for (const credential of [await issue(), await issue()]) {
      for (const encoded of splitSdJwt(credential).disclosures) {
        salts.push((JSON.parse(Buffer.from(encoded, 'base64url').toString()) as [string])[0])
      }
    }
    expect(new Set(salts).size).to.equal(2 * CITY_CARD_CLAIMS.length)
    for (const salt of salts) expect(Buffer.from(salt, 'base64url')).to.have.length(16)
  })

  it('is accepted by the verifier of the SD-JWT VC library', async () => {
    const presentation = await presentSdJwtVc({
      credential: await issue(), claims: ['age_over_18'], audience: AUDIENCE, nonce: NONCE, issuedAtSeconds: NOW, sign: holder.sign,
    })
    const issuerJwk = (await porto.agent.keys.getKey(porto.issuerKid)).publicJwk as EcPublicJwk
    const library = new SDJwtVcInstance({
      hasher: hasherOf(nativeCryptoSuite),
      verifier: (data, signature) => nativeCryptoSuite.verifyEs256(issuerJwk, data, signature),
      kbVerifier: (data, signature, payload) => nativeCryptoSuite.verifyEs256(payload.cnf!.jwk as EcPublicJwk, data, signature),
      statusListFetcher: () => porto.agent.createStatusListToken({
        uri: PORTO_LIST, statusBits: new Uint8Array(2 ** 18), issuedAtSeconds: NOW, expiresAtSeconds: NOW + DAY, ttlSeconds: 60, header: { kid: porto.issuerKid },
      }),
    })
    const { payload, kb } = await library.verify(presentation, { keyBindingNonce: NONCE, currentDate: NOW })
    expect(payload).to.include({ age_over_18: true, vct: PORTO_TYPE })
    expect(payload).not.to.have.any.keys('given_name', 'birth_date')
    expect(kb?.payload).to.include({ aud: AUDIENCE, nonce: NONCE })
    await library.verify(presentation, { keyBindingNonce: 'another', currentDate: NOW }).then(
      () => expect.fail('another nonce was accepted'),
      () => undefined,
    )
  })

  it('shows what the holder chose and nothing else', async () => {
    const credential = await issue()
    for (const claims of [[], ['age_over_18'], ['portrait', 'given_name', 'card_number']]) {
      const presentation = await presentSdJwtVc({ credential, claims, audience: AUDIENCE, nonce: NONCE, issuedAtSeconds: NOW, sign: holder.sign })
      const parsed = await parseSdJwtVc(presentation)
      expect(parsed.disclosures.map(({ name }) => name)).to.have.members(claims)
      expect(CITY_CARD_CLAIMS.filter((name) => name in parsed.claims)).to.have.members(claims)
      expect(parsed.keyBindingJwt).to.be.a('string')
    }
  })

  it('can be asked for a claim that is always open', async () => {
    const presentation = await presentSdJwtVc({
      credential: await issue(), claims: ['vct', 'city'], audience: AUDIENCE, nonce: NONCE, issuedAtSeconds: NOW, sign: holder.sign,
    })
    expect((await parseSdJwtVc(presentation)).disclosures).to.have.length(1)
  })

  it('refuses to show a claim that it does not have', async () => {
    const credential = await issue()
    const options = { credential, audience: AUDIENCE, nonce: NONCE, issuedAtSeconds: NOW, sign: holder.sign }
    await expectCode('ERR_DISCLOSURE_UNKNOWN', () => presentSdJwtVc({ ...options, claims: ['nationality'] }))
  })

  it('does not let any two cards be told apart by anything but the holder\'s own values', async () => {
    const someone = claimsOf({ givenName: 'Maria', familyName: 'Ferreira', birthDate: '1990-02-28', portrait: jpegOfSize(9_000), cardNumber: 'PTOPO12345678901207' })
    const other = claimsOf({ givenName: 'Zahra', familyName: 'Mohammad', birthDate: '1971-11-03', portrait: tinyWebp(), cardNumber: createCardNumber('PTOPO', webCryptoSuite.randomBytes) })
    const [one, two] = [
      await issue({ claims: someone, holderJwk: createHolder().publicJwk, status: { uri: PORTO_LIST, index: 100_000 }, issuedAtSeconds: NOW - 10 * DAY }),
      await issue({ claims: other, holderJwk: createHolder().publicJwk, status: { uri: PORTO_LIST, index: 999_999 }, issuedAtSeconds: NOW - 10 * DAY + 3_601 }),
    ]
    expect(one).not.to.equal(two)
    expect(one.length).to.equal(two.length)
    const [a, b] = [await parseSdJwtVc(one), await parseSdJwtVc(two)]
    expect(shapeOf(a.header)).to.deep.equal(shapeOf(b.header))
    expect(a.header).to.deep.equal(b.header)
    expect(shapeOf(a.payload)).to.deep.equal(shapeOf(b.payload))
    for (const name of ['iss', 'vct', 'iat', 'nbf', 'exp', '_sd_alg']) expect(a.payload[name]).to.equal(b.payload[name])
    expect(a.disclosures.map(({ name, encoded }) => [name, encoded.length])).to.deep.equal(b.disclosures.map(({ name, encoded }) => [name, encoded.length]))
    const digests = [a, b].flatMap(({ payload }) => payload['_sd'] as string[])
    expect(new Set(digests).size).to.equal(2 * DIGEST_COUNT)
  })

  it('shares nothing between two copies of one card but what is on it', async () => {
    const claims = claimsOf()
    const copies = [await issue({ claims, holderJwk: createHolder().publicJwk }), await issue({ claims, holderJwk: createHolder().publicJwk, status: { uri: PORTO_LIST, index: 654_321 } })]
    const [a, b] = await Promise.all(copies.map((copy) => parseSdJwtVc(copy)))
    const unique = ({ payload, disclosures }: typeof a & object): unknown[] => [
      ...payload['_sd'] as string[], ...disclosures.map(({ encoded }) => encoded), JSON.stringify(payload['cnf']), JSON.stringify(payload['status']),
    ]
    expect(unique(a!).filter((value) => unique(b!).includes(value))).to.deep.equal([])
    expect(splitJwt(splitSdJwt(copies[0]!).jwt)[2]).not.to.equal(splitJwt(splitSdJwt(copies[1]!).jwt)[2])
  })

  it('reads the example of the specification', async () => {
    const { issuerJwk, holderJwk, presentation, sdHash } = vectors
    const parsed = await parseSdJwtVc(presentation)
    expect(parsed.claims).to.deep.include({ vct: 'https://bmi.bund.example/credential/pid/1.0', nationalities: ['DE'], age_equal_or_over: { 18: true } })
    expect(parsed.payload['cnf']).to.deep.equal({ jwk: holderJwk })
    const { jwt } = splitSdJwt(presentation)
    expect(await webCryptoSuite.verifyEs256(issuerJwk as EcPublicJwk, jwt.slice(0, jwt.lastIndexOf('.')), splitJwt(jwt)[2])).to.equal(true)
    const binding = parsed.keyBindingJwt!
    expect(splitJwt(binding)[1]).to.include({ sd_hash: sdHash, nonce: '1234567890' })
    for (const suite of [webCryptoSuite, nativeCryptoSuite]) {
      expect(await suite.verifyEs256(holderJwk as EcPublicJwk, binding.slice(0, binding.lastIndexOf('.')), splitJwt(binding)[2])).to.equal(true)
      expect(await suite.verifyEs256(issuerJwk as EcPublicJwk, binding.slice(0, binding.lastIndexOf('.')), splitJwt(binding)[2])).to.equal(false)
      expect(encodeBase64url(await suite.sha256(presentation.slice(0, presentation.lastIndexOf('~') + 1)))).to.equal(sdHash)
    }
  })

  it('reads the disclosures of RFC 9901 and finds their digests', async () => {
    for (const { encoded, digest, name, value } of vectors.disclosures) {
      expect(parseDisclosure(encoded)).to.deep.equal({ name, value, encoded })
      for (const suite of [webCryptoSuite, nativeCryptoSuite]) expect(encodeBase64url(await suite.sha256(encoded))).to.equal(digest)
    }
  })

  it('answers garbage with its own error', async () => {
    const good = await issue()
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), fc.nat(good.length).map((at) => good.slice(0, at))), async (text) => {
      try {
        await parseSdJwtVc(text)
      } catch (error) {
        expect(error).to.be.instanceOf(AgentError)
      }
    }), { numRuns: 200 })
    for (const text of ['', 'a', 'a~', 'a.b.c~', `${good}~`, good.replace('~', '~~')]) {
      await expectCode('ERR_CREDENTIAL_MALFORMED', () => parseSdJwtVc(text))
    }
  })
})

describe('crypto suites', () => {
  it('refuse signatures in a form that is not the canonical one', async () => {
    const holder = createHolder()
    const signature = holder.sign('data')
    expect(verifyNatively('sha256', Buffer.from('data'), {
      key: createPublicKey({ key: { ...holder.publicJwk }, format: 'jwk' }), dsaEncoding: 'ieee-p1363',
    }, Buffer.from(signature, 'base64url'))).to.equal(true)
    for (const suite of [webCryptoSuite, nativeCryptoSuite]) {
      expect(await suite.verifyEs256(holder.publicJwk, 'data', signature)).to.equal(true)
      for (const bad of [`${signature}=`, ` ${signature}`, signature.slice(0, -1), `${signature}AA`, '', signature.replace(/.$/, (last) => last === 'B' ? 'C' : 'B')]) {
        expect(await suite.verifyEs256(holder.publicJwk, 'data', bad), bad).to.equal(false)
      }
      expect(await suite.verifyEs256({ ...holder.publicJwk, x: 'AAAA' }, 'data', signature)).to.equal(false)
      expect(await suite.verifyEs256(createHolder().publicJwk, 'data', signature)).to.equal(false)
    }
  })

  it('agree on thumbprints', async () => {
    const { ecThumbprint } = await import('../../../agent/formats/jwk.ts')
    const { publicJwk } = createHolder()
    for (const suite of [webCryptoSuite, nativeCryptoSuite]) expect(await ecThumbprint(publicJwk, suite)).to.equal(jwkThumbprint(publicJwk))
  })

  it('give as many random bytes as asked, never the same', () => {
    for (const suite of [webCryptoSuite, nativeCryptoSuite]) {
      const drawn = Array.from({ length: 600 }, () => Buffer.from(suite.randomBytes(16)).toString('hex'))
      expect(new Set(drawn).size).to.equal(600)
      for (const length of [0, 1, 31, 1_024, 5_000]) expect(suite.randomBytes(length)).to.have.length(length)
    }
  })
})

/** Names and types and lengths of everything in a value, but not the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)])
  return [typeof value, String(value).length]
}
