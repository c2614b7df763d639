import { expect } from 'chai'
import { p256 } from '@noble/curves/nist.js'
import { didJwkOf, ecThumbprint } from '../../../agent/formats/jwk.ts'
import { signCompactJwt } from '../../../agent/protocols/compact-jwt.ts'
import { ecJwkOfDidKey, resolveHolderKey } from '../../../agent/protocols/did-key.ts'
import { createKeyProof, verifyKeyProof } from '../../../agent/protocols/key-proof.ts'
import { codeOf, createKey, NOW, suite } from './support.ts'

const audience = 'https://porto.example'
const key = createKey()
const proof = { audience, nonce: 'n-1', publicJwk: key.publicJwk, sign: key.sign, issuedAtSeconds: NOW }
const expected = { audience, nowSeconds: NOW, maxAgeSeconds: 300, crypto: suite, resolve: resolveHolderKey }
const header = { typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk: key.publicJwk }
const payload = { aud: audience, iat: NOW, nonce: 'n-1' }
const make = (changedHeader: object, changedPayload: object = {}) =>
  signCompactJwt({ ...header, ...changedHeader }, { ...payload, ...changedPayload }, key.sign)
const refusal = async (jwt: string): Promise<unknown> => {
  try {
    await verifyKeyProof(jwt, expected)
    return undefined
  } catch (error) {
    expect(error).to.have.property('code', 'ERR_PROOF_INVALID')
    return (error as { oauthError?: unknown }).oauthError
  }
}

describe('a key proof', () => {
  it('names the key, its thumbprint and the nonce', async () => {
    expect(await verifyKeyProof(await createKeyProof(proof), expected)).to.deep.equal({
      publicJwk: key.publicJwk, thumbprint: await ecThumbprint(key.publicJwk, suite), nonce: 'n-1'
    })
  })

  it('may name its key as did:jwk or did:key, the typ in any case', async () => {
    const compressed = p256.Point.fromBytes(Buffer.concat([Buffer.of(4), Buffer.from(key.publicJwk.x, 'base64url'), Buffer.from(key.publicJwk.y, 'base64url')])).toBytes(true)
    const didKey = `did:key:z${base58(Buffer.concat([Buffer.of(0x80, 0x24), compressed]))}`
    for (const kid of [`${didJwkOf(key.publicJwk)}#0`, `${didKey}#${didKey.slice(8)}`]) {
      const jwt = await make({ jwk: undefined, kid, typ: 'application/OpenID4VCI-Proof+JWT' })
      expect((await verifyKeyProof(jwt, expected)).publicJwk).to.deep.equal(key.publicJwk)
    }
  })

  it('is refused with invalid_proof when type, algorithm, key, audience or age is wrong', async () => {
    const wrong = {
      typ: await make({ typ: 'JWT' }),
      'no typ': await make({ typ: undefined }),
      alg: await make({ alg: 'HS256' }),
      none: `${(await make({ alg: 'none' })).split('.').slice(0, 2).join('.')}.`,
      'private key': await make({ jwk: { ...key.publicJwk, d: key.privateJwk.d } }),
      'two keys': await make({ kid: `${didJwkOf(key.publicJwk)}#0` }),
      'no key': await make({ jwk: undefined }),
      'unknown did': await make({ jwk: undefined, kid: 'did:web:evil.example#0' }),
      'another curve': await make({ jwk: { ...key.publicJwk, crv: 'P-384' } }),
      audience: await make({}, { aud: 'https://clermont.example' }),
      'two audiences': await make({}, { aud: [audience, 'https://clermont.example'] }),
      old: await make({}, { iat: NOW - 400 }),
      future: await make({}, { iat: NOW + 120 }),
      'no iat': await make({}, { iat: undefined }),
      critical: await make({ crit: ['x'] }),
      'another signer': await createKeyProof({ ...proof, publicJwk: createKey().publicJwk }),
      'not a jwt': 'abc',
      padded: `${await make({})}=`
    }
    for (const [name, jwt] of Object.entries(wrong)) expect(await refusal(jwt), name).to.equal('invalid_proof')
  })

  it('without a nonce is refused with invalid_nonce', async () => {
    expect(await refusal(await make({}, { nonce: undefined }))).to.equal('invalid_nonce')
  })
})

describe('a did:key', () => {
  // https://w3c-ccg.github.io/did-key-spec/#p-256
  const did = 'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169'

  it('of the specification gives its key', () => {
    expect(ecJwkOfDidKey(did)).to.deep.equal({
      kty: 'EC', crv: 'P-256', x: 'fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI', y: 'hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU'
    })
  })

  it('of another kind, with a foreign fragment or off the curve gives none', async () => {
    expect(ecJwkOfDidKey('did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')).to.equal(undefined)
    expect(ecJwkOfDidKey(`${did}#zDnaeSomebodyElse`)).to.equal(undefined)
    expect(ecJwkOfDidKey(`did:key:z${base58(Buffer.concat([Buffer.of(0x80, 0x24, 0x02), Buffer.alloc(32, 0xff)]))}`)).to.equal(undefined)
    expect(await codeOf(() => ecJwkOfDidKey('did:key:z0OIl'))).to.equal(undefined)
  })
})

const base58 = (bytes: Uint8Array): string => {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let integer = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; integer > 0n; integer /= 58n) text = (alphabet[Number(integer % 58n)] ?? '') + text
  return text
}
