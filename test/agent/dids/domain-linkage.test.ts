import { expect } from 'chai'
import { createDidResolver } from '../../../agent/dids/did-resolver.ts'
import { createDomainLinkageCredential, verifyDomainLinkage } from '../../../agent/dids/domain-linkage.ts'
import type { AgentErrorCode } from '../../../agent/errors.ts'
import { didJwkOf } from '../../../agent/formats/jwk.ts'
import { splitJwt } from '../../../agent/formats/sd-jwt-vc.ts'
import { expectCode } from '../expect-code.ts'
import { createHolder, createPorto, DAY, NOW, PORTO_URL, type Porto } from '../porto.ts'

/** https://identity.foundation/.well-known/resources/did-configuration/#did-configuration-resource, second entry. */
const PUBLISHED = [
  'eyJhbGciOiJFZERTQSIsImtpZCI6ImRpZDprZXk6ejZNa29USHNnTk5yYnk4SnpDTlExaVJMeVc1UVE2UjhYdXU2QUE4aWdHck1WUFVNI3o2TWtvVEhzZ05OcmJ5OEp6Q05RMWlSTHlXNVFRNlI4WHV1NkFBOGlnR3JNVlBVTSJ9',
  'eyJleHAiOjE3NjQ4NzkxMzksImlzcyI6ImRpZDprZXk6ejZNa29USHNnTk5yYnk4SnpDTlExaVJMeVc1UVE2UjhYdXU2QUE4aWdHck1WUFVNIiwibmJmIjoxNjA3MTEyNzM5LCJzdWIiOiJkaWQ6a2V5Ono2TWtvVEhzZ05OcmJ5OEp6Q05RMWlSTHlXNVFRNlI4WHV1NkFBOGlnR3JNVlBVTSIsInZjIjp7IkBjb250ZXh0IjpbImh0dHBzOi8vd3d3LnczLm9yZy8yMDE4L2NyZWRlbnRpYWxzL3YxIiwiaHR0cHM6Ly9pZGVudGl0eS5mb3VuZGF0aW9uLy53ZWxsLWtub3duL2RpZC1jb25maWd1cmF0aW9uL3YxIl0sImNyZWRlbnRpYWxTdWJqZWN0Ijp7ImlkIjoiZGlkOmtleTp6Nk1rb1RIc2dOTnJieThKekNOUTFpUkx5VzVRUTZSOFh1dTZBQThpZ0dyTVZQVU0iLCJvcmlnaW4iOiJpZGVudGl0eS5mb3VuZGF0aW9uIn0sImV4cGlyYXRpb25EYXRlIjoiMjAyNS0xMi0wNFQxNDoxMjoxOS0wNjowMCIsImlzc3VhbmNlRGF0ZSI6IjIwMjAtMTItMDRUMTQ6MTI6MTktMDY6MDAiLCJpc3N1ZXIiOiJkaWQ6a2V5Ono2TWtvVEhzZ05OcmJ5OEp6Q05RMWlSTHlXNVFRNlI4WHV1NkFBOGlnR3JNVlBVTSIsInR5cGUiOlsiVmVyaWZpYWJsZUNyZWRlbnRpYWwiLCJEb21haW5MaW5rYWdlQ3JlZGVudGlhbCJdfX0',
  'aUFNReA4R5rcX_oYm3sPXqWtso_gjPHnWZsB6pWcGv6m3K8-4JIAvFov3ZTM8HxPOrOL17Qf4vBFdY9oK0HeCQ',
].join('.')

type Json = Record<string, unknown>
type Change = (header: Json, payload: Json & { vc: Json & { credentialSubject: Json } }) => void

describe('domain linkage', () => {
  let porto: Porto
  let credential: string

  before(async () => {
    porto = await createPorto()
    credential = await porto.agent.createDomainLinkageCredential(validity())
  })

  const validity = (change: object = {}) => ({
    did: porto.did, kid: porto.issuerKid, publicUrl: PORTO_URL, issuedAtSeconds: NOW - DAY, expiresAtSeconds: NOW + DAY, ...change,
  })
  const verify = (jwt: string, origin = PORTO_URL, did?: string) => porto.agent.verifyDomainLinkage({ credential: jwt, origin, ...(did !== undefined && { did }) })
  const encode = (part: Json): string => Buffer.from(JSON.stringify(part)).toString('base64url')

  /** The good credential, changed and signed again with the city's own key. */
  async function changed(change: Change): Promise<string> {
    const [header, payload] = splitJwt(credential)
    change(header, payload as Parameters<Change>[1])
    const input = `${encode(header)}.${encode(payload)}`
    return `${input}.${await porto.agent.keys.signJws(porto.issuerKid, input)}`
  }

  it('holds between the city and the origin of its address', async () => {
    const expected = { did: porto.did, origin: PORTO_URL, keyId: `${porto.did}#${porto.issuerKid}`, expiresAtSeconds: NOW + DAY }
    expect(await verify(credential)).to.deep.equal(expected)
    expect(await verify(credential, `${PORTO_URL}/.well-known/did-configuration.json`, porto.did)).to.deep.equal(expected)
    expect(await verify(await changed(() => undefined))).to.deep.equal(expected)
  })

  it('has the members of the specification and no others', () => {
    const [header, payload] = splitJwt(credential)
    expect(header).to.deep.equal({ alg: 'ES256', kid: `${porto.did}#${porto.issuerKid}` })
    expect(payload).to.deep.equal({
      exp: NOW + DAY, iss: porto.did, nbf: NOW - DAY, sub: porto.did,
      vc: {
        '@context': ['https://www.w3.org/2018/credentials/v1', 'https://identity.foundation/.well-known/did-configuration/v1'],
        issuer: porto.did, issuanceDate: '2026-05-19T12:00:00.000Z', expirationDate: '2026-05-21T12:00:00.000Z',
        type: ['VerifiableCredential', 'DomainLinkageCredential'], credentialSubject: { id: porto.did, origin: PORTO_URL },
      },
    })
  })

  it('is verified in the example the specification publishes, which names its origin without a scheme', async () => {
    const resolver = createDidResolver({ findDocument: async () => undefined })
    const options = { credential: PUBLISHED, origin: 'https://identity.foundation', nowSeconds: Date.parse('2023-01-01') / 1000 }
    expect(await verifyDomainLinkage(options, resolver)).to.include({ did: 'did:key:z6MkoTHsgNNrby8JzCNQ1iRLyW5QQ6R8Xuu6AA8igGrMVPUM', expiresAtSeconds: 1_764_879_139 })
    await expectCode('ERR_DOMAIN_LINKAGE_EXPIRED', () => verifyDomainLinkage({ ...options, nowSeconds: NOW }, resolver))
    await expectCode('ERR_DOMAIN_LINKAGE_ORIGIN', () => verifyDomainLinkage({ ...options, origin: 'http://identity.foundation' }, resolver))
  })

  it('is refused from any other origin', async () => {
    for (const origin of ['https://card.porto.example:8443', 'http://card.porto.example', 'https://porto.example', 'https://card.porto.example.evil.example']) {
      await expectCode('ERR_DOMAIN_LINKAGE_ORIGIN', () => verify(credential, origin))
    }
    for (const origin of [`${PORTO_URL}/path`, `https://user@card.porto.example`, 'https://', 'https://elsewhere.example']) {
      const other = await changed((_, { vc }) => { vc.credentialSubject['origin'] = origin })
      await expectCode('ERR_DOMAIN_LINKAGE_ORIGIN', () => verify(other))
    }
  })

  it('is refused when issuer, subject, key and expected DID are not one', async () => {
    const other = 'did:web:card.clermont-ferrand.example'
    const changes: Change[] = [
      (_, payload) => { payload['sub'] = other },
      (_, payload) => { payload['iss'] = other },
      (_, { vc }) => { vc['issuer'] = other },
      (_, { vc }) => { vc.credentialSubject['id'] = other },
      (header) => { header['kid'] = `${other}#${porto.issuerKid}` },
    ]
    for (const change of changes) await expectCode('ERR_DOMAIN_LINKAGE_ISSUER', async () => verify(await changed(change)))
    await expectCode('ERR_DOMAIN_LINKAGE_ISSUER', () => verify(credential, PORTO_URL, other))
  })

  it('is refused before its time and after it, a minute of clock difference allowed', async () => {
    const cases: [number, number, AgentErrorCode | undefined][] = [
      [NOW + 61, NOW + DAY, 'ERR_DOMAIN_LINKAGE_NOT_YET_VALID'], [NOW + 60, NOW + DAY, undefined],
      [NOW - DAY, NOW - 60, 'ERR_DOMAIN_LINKAGE_EXPIRED'], [NOW - DAY, NOW - 59, undefined],
    ]
    for (const [issuedAtSeconds, expiresAtSeconds, code] of cases) {
      const jwt = await porto.agent.createDomainLinkageCredential(validity({ issuedAtSeconds, expiresAtSeconds }))
      if (code === undefined) expect(await verify(jwt)).to.include({ did: porto.did })
      else await expectCode(code, () => verify(jwt))
    }
  })

  it('is refused when anything in it was changed after signing', async () => {
    const [header = '', payload = '', signature = ''] = credential.split('.')
    const later = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json & { vc: Json }
    later['exp'] = NOW + 2 * DAY
    later.vc['expirationDate'] = '2026-05-22T12:00:00.000Z'
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    for (const parts of [[header, encode(later), signature], [header, payload, flipped], [header, payload, signature.slice(0, 40)]]) {
      await expectCode('ERR_DOMAIN_LINKAGE_SIGNATURE', () => verify(parts.join('.')))
    }
  })

  it('is refused with the key of somebody else, or another key of the city than the one it names', async () => {
    const stranger = createHolder()
    const forged = await createDomainLinkageCredential(validity(), async (input) => stranger.sign(input))
    await expectCode('ERR_DOMAIN_LINKAGE_SIGNATURE', () => verify(forged))
    await expectCode('ERR_DOMAIN_LINKAGE_SIGNATURE', async () => verify(await changed((header) => { header['kid'] = `${porto.did}#another` })))
    await expectCode('ERR_DOMAIN_LINKAGE_SIGNATURE', async () => verify(await changed((header) => { header['alg'] = 'EdDSA' })))
  })

  it('is refused with a key that the DID keeps for something else than assertions', async () => {
    const document = await porto.agent.describeDid(porto.did)
    const verifyBy = (didDocument: object) => verifyDomainLinkage({ credential, origin: PORTO_URL, nowSeconds: NOW }, {
      resolve: async () => ({ didDocument: didDocument as typeof document, didDocumentMetadata: {}, didResolutionMetadata: {} }),
    })
    expect(await verifyBy(document)).to.include({ did: porto.did })
    await expectCode('ERR_DOMAIN_LINKAGE_SIGNATURE', () => verifyBy({ ...document, assertionMethod: [] }))
  })

  it('is refused when the DID does not resolve', async () => {
    const holder = createHolder()
    const unknown = 'did:web:elsewhere.example'
    const jwt = await createDomainLinkageCredential(validity({ did: unknown }), async (input) => holder.sign(input))
    await expectCode('ERR_DID_UNRESOLVABLE', () => verify(jwt))
    const known = await createDomainLinkageCredential(validity({ did: didJwkOf(holder.publicJwk), kid: '0' }), async (input) => holder.sign(input))
    expect(await verify(known)).to.include({ did: didJwkOf(holder.publicJwk) })
  })

  it('is refused in any other form than that of the specification', async () => {
    const changes: Change[] = [
      (header) => { header['typ'] = 'JWT' },
      (header) => { delete header['kid'] },
      (header) => { header['alg'] = 'none' },
      (_, payload) => { payload['iat'] = NOW },
      (_, payload) => { payload['jti'] = 'urn:x' },
      (_, payload) => { delete payload['exp'] },
      (_, payload) => { payload['exp'] = NOW + 2 * DAY },
      (_, payload) => { payload['nbf'] = NOW },
      (_, payload) => { payload['iss'] = 'https://self-issued.me/v2' },
      (_, { vc }) => { vc['id'] = 'urn:x' },
      (_, { vc }) => { delete vc['issuanceDate'] },
      (_, { vc }) => { vc['type'] = ['VerifiableCredential'] },
      (_, { vc }) => { vc['@context'] = ['https://www.w3.org/2018/credentials/v1'] },
      (_, { vc }) => { delete vc.credentialSubject['origin'] },
    ]
    for (const change of changes) await expectCode('ERR_DOMAIN_LINKAGE_MALFORMED', async () => verify(await changed(change)))
    for (const text of ['', 'a.b', `${credential}.more`, `${credential}=`, credential.replace('.', '.=')]) {
      await expectCode('ERR_DOMAIN_LINKAGE_MALFORMED', () => verify(text))
    }
  })

  it('is pointed at by the DID document, which follows the address of the city', async () => {
    const service = (origin: string) => [{ id: `${porto.did}#city`, type: 'LinkedDomains', serviceEndpoint: origin }]
    const document = await porto.agent.describeDid(porto.did)
    expect(document.service).to.deep.equal(service(PORTO_URL))
    expect(document['@context']).to.include('https://identity.foundation/.well-known/did-configuration/v1')
    const { agent } = await createPorto()
    await agent.ensureCityDid('http://card.porto.example')
    expect((await agent.describeDid(porto.did)).service).to.deep.equal(service('http://card.porto.example'))
  })
})
