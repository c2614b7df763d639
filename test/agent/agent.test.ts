import { expect } from 'chai'
import { createAgent } from '../../agent/agent.ts'
import { AgentError } from '../../agent/errors.ts'
import { didJwkOf } from '../../agent/formats/jwk.ts'
import { parseJwtVc, presentJwtVc } from '../../agent/formats/jwt-vp.ts'
import { createMemoryDidStore } from '../fakes/memory-did-store.ts'
import { createMemoryKeyStore } from '../fakes/memory-key-store.ts'
import { createMemoryTrust } from '../fakes/memory-trust.ts'
import { createStatusBits } from '../../agent/status/status-bits.ts'
import { verifyStatusListToken } from '../../agent/status/token-status-list.ts'
import { verifyBitstringStatusList } from '../../agent/status/bitstring-status-list.ts'
import { nativeCryptoSuite } from '../../agent/keys/crypto-suite-node.ts'
import type { EcPublicJwk } from '../../agent/formats/crypto-suite.ts'
import { expectCode } from './expect-code.ts'
import { AUDIENCE, claimsOf, createHolder, createPorto, DAY, issuing, NONCE, NOW, PORTO_LIST, PORTO_TYPE, PORTO_URL, type Porto } from './porto.ts'

describe("a city's agent", () => {
  let porto: Porto
  const holder = createHolder()

  beforeEach(async () => {
    porto = await createPorto()
  })

  const issue = (change: object = {}): Promise<string> => porto.agent.createJwtVc({
    ...issuing(porto), claims: claimsOf(), issuerDid: porto.did, holderJwk: holder.publicJwk, status: { uri: PORTO_LIST, index: 7 }, ...change,
  })

  const policies = { now: NOW }

  it('has one DID and one key for its address, however often it is asked', async () => {
    expect(porto.did).to.equal('did:web:card.porto.example')
    expect(await porto.agent.ensureCityDid(PORTO_URL)).to.deep.equal({ did: porto.did, issuerKid: porto.issuerKid })
    expect((await porto.agent.keys.getKey(porto.issuerKid)).type).to.equal('Secp256r1')
  })

  it('describes and resolves its own DID without the network', async () => {
    const document = await porto.agent.describeDid(porto.did)
    expect(document).to.deep.include({ id: porto.did, assertionMethod: [`${porto.did}#${porto.issuerKid}`] })
    expect(document.verificationMethod?.[0]?.publicKeyJwk).to.deep.equal((await porto.agent.keys.getKey(porto.issuerKid)).publicJwk)
    expect(await porto.agent.resolveDid(porto.did)).to.deep.equal(document)
    expect(JSON.stringify(document)).not.to.include('"d"')
  })

  it('makes a did:ethr of an account on our chain', async () => {
    const { kid } = await porto.agent.keys.createKey({ type: 'Secp256k1' })
    const { did } = await porto.agent.ensureAccountDid(kid)
    expect(did).to.match(/^did:ethr:0x1cf3:0x0[23][0-9a-f]{64}$/)
    expect(await porto.agent.ensureAccountDid(kid)).to.deep.equal({ did })
    const document = await porto.agent.resolveDid(did)
    expect(document.verificationMethod?.[0]?.blockchainAccountId).to.equal(`eip155:7411:${await porto.agent.keys.addressOf(kid)}`)
  })

  it('issues a VCDM 1.1 credential with the claims of the card', async () => {
    const { header, payload, types, claims } = parseJwtVc(await issue())
    expect(header).to.deep.equal({ alg: 'ES256', typ: 'JWT', kid: `${porto.did}#${porto.issuerKid}`, x5c: porto.x5c })
    expect(types).to.deep.equal([PORTO_TYPE])
    expect(claims).to.deep.equal(claimsOf())
    expect(payload).to.include({
      iss: porto.did, sub: didJwkOf(holder.publicJwk), nbf: Date.parse('2026-05-10T00:00:00Z') / 1000, exp: Date.parse('2027-05-10T00:00:00Z') / 1000,
    })
    expect(payload['status']).to.deep.equal({ status_list: { idx: 7, uri: PORTO_LIST } })
    expect(payload).not.to.have.any.keys('iat', 'jti')
  })

  it('leaves the W3C status out for verifiers that reject it', async () => {
    expect((parseJwtVc(await issue()).payload['vc'] as object)).to.have.property('credentialStatus').with.length(2)
    const { payload } = parseJwtVc(await issue({ withCredentialStatus: false }))
    expect(payload['vc']).not.to.have.property('credentialStatus')
    expect(payload['status']).to.deep.equal({ status_list: { idx: 7, uri: PORTO_LIST } })
  })

  it('issues credentials that Veramo and did-jwt-vc verify', async () => {
    const result = await porto.agent.veramo.verifyCredential({ credential: await issue(), policies })
    expect(result.verified, JSON.stringify(result.error)).to.equal(true)
    const changed = (await issue()).replace(/.$/, (last) => last === 'A' ? 'Q' : 'A')
    expect((await porto.agent.veramo.verifyCredential({ credential: changed, policies })).verified).to.equal(false)
    const later = await porto.agent.veramo.verifyCredential({ credential: await issue(), policies: { now: NOW + 400 * DAY } })
    expect(later.verified).to.equal(false)
  })

  it('presents what Veramo verifies', async () => {
    const presentation = await presentJwtVc({
      credential: await issue(), holderJwk: holder.publicJwk, audience: AUDIENCE, nonce: NONCE, issuedAtSeconds: NOW, sign: holder.sign,
    })
    const result = await porto.agent.veramo.verifyPresentation({ presentation, domain: AUDIENCE, challenge: NONCE, policies })
    expect(result.verified, JSON.stringify(result.error)).to.equal(true)
    expect((await porto.agent.veramo.verifyPresentation({ presentation, domain: AUDIENCE, challenge: 'another', policies })).verified).to.equal(false)
  })

  it('teaches Veramo the status of W3C credentials', async () => {
    const credential = await porto.agent.veramo.createVerifiableCredential({
      credential: {
        issuer: porto.did, type: ['VerifiableCredential'], issuanceDate: '2026-05-10T00:00:00Z', credentialSubject: { id: 'did:example:a', name: 'a' },
        credentialStatus: { id: 'x', type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '7', statusListCredential: `${PORTO_LIST}/revocation` },
      } as never,
      proofFormat: 'jwt',
    })
    const check = async (change: object = {}): Promise<boolean | undefined> => {
      const status = { ...credential.credentialStatus as object, ...change }
      return (await porto.agent.veramo.checkCredentialStatus({ credential: { ...credential, credentialStatus: status } as never })).revoked
    }
    expect(await check()).to.equal(false)
    porto.trust.readings.set(`${PORTO_LIST}#7`, { city: 'PTOPO', value: 'invalid', epoch: 43, updatedAtSeconds: NOW })
    expect(await check()).to.equal(true)
    expect(await check({ statusListIndex: '8' })).to.equal(false)
    const unreadable = [{ type: 'Other' }, { statusListIndex: 'x' }, { statusListCredential: 'https://unknown.example/revocation' }, { statusPurpose: 'suspension' }]
    for (const change of unreadable) expect(await check({ statusListIndex: '8', ...change })).to.equal(true)
  })

  it('publishes both faces of a status list under its own key', async () => {
    const publicJwk = (await porto.agent.keys.getKey(porto.issuerKid)).publicJwk as EcPublicJwk
    const verify = (_: object, input: string, signature: string): boolean | Promise<boolean> => nativeCryptoSuite.verifyEs256(publicJwk, input, signature)
    const statusBits = createStatusBits()
    const token = await porto.agent.createStatusListToken({
      uri: PORTO_LIST, statusBits, issuedAtSeconds: NOW, expiresAtSeconds: NOW + 60, ttlSeconds: 30, header: { kid: porto.issuerKid, x5c: porto.x5c },
    })
    expect((await verifyStatusListToken(token, { uri: PORTO_LIST, nowSeconds: NOW, verify })).bytes).to.deep.equal(statusBits)
    const url = `${PORTO_LIST}/revocation`
    const list = await porto.agent.createBitstringStatusList({
      url, issuerDid: porto.did, purpose: 'revocation', statusBits, validFromSeconds: NOW, validUntilSeconds: NOW + 60,
      header: { kid: `${porto.did}#${porto.issuerKid}` },
    })
    expect(await verifyBitstringStatusList(list, { url, purpose: 'revocation', nowSeconds: NOW, verify })).to.have.length(131_072)
  })

  it('offers its own formats as methods of Veramo too', async () => {
    const credential = await porto.agent.veramo.createSdJwtVc({
      ...issuing(porto), claims: claimsOf(), issuer: PORTO_URL, holderJwk: holder.publicJwk, status: { uri: PORTO_LIST, index: 7 },
    })
    expect(credential.split('~')).to.have.length(18)
    expect(await porto.agent.veramo.keyManagerSign({ keyRef: porto.issuerKid, data: 'x', algorithm: 'ES256' })).to.match(/^[\w-]{86}$/)
  })

  it('answers every failure of Veramo with an error of its own that quotes nobody', async () => {
    await expectCode('ERR_DID_UNRESOLVABLE', () => porto.agent.resolveDid('did:web:elsewhere.example'))
    await expectCode('ERR_DID_NOT_FOUND', () => porto.agent.describeDid('did:web:elsewhere.example'))
    await expectCode('ERR_KEY_NOT_FOUND', () => porto.agent.createSdJwtVc({
      ...issuing(porto), kid: 'nobody', claims: claimsOf(), issuer: PORTO_URL, holderJwk: holder.publicJwk, status: { uri: PORTO_LIST, index: 7 },
    }))
    for (const change of [{ issuerDid: 'did:web:elsewhere.example' }, { kid: 'nobody' }]) {
      const error = await expectCode('ERR_AGENT_FAILED', () => issue(change))
      expect(error.cause).to.be.instanceOf(Error)
      expect(error.message).not.to.include('Maria')
    }
    const withoutChain = createAgent({
      keyStore: createMemoryKeyStore(), didStore: createMemoryDidStore(), keyEncryptionKey: new Uint8Array(32),
      trustSource: createMemoryTrust(), statusSource: createMemoryTrust(), clock: () => NOW,
    })
    const { kid } = await withoutChain.keys.createKey({ type: 'Secp256k1' })
    expect(await expectCode('ERR_AGENT_FAILED', () => withoutChain.ensureAccountDid(kid))).to.be.instanceOf(AgentError)
  })
})
