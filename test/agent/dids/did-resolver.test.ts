import { expect } from 'chai'
import { computeAddress } from 'ethers'
import { createDidDocument, didWebOf } from '../../../agent/dids/did-document.ts'
import { createDidResolver } from '../../../agent/dids/did-resolver.ts'
import { didJwkOf, ecJwkOfDidJwk } from '../../../agent/formats/jwk.ts'
import { createHolder } from '../porto.ts'

describe('did:web of a city', () => {
  it('is made of its address', () => {
    expect(didWebOf('https://card.porto.example')).to.equal('did:web:card.porto.example')
    expect(didWebOf('http://localhost:4800/')).to.equal('did:web:localhost%3A4800')
    expect(didWebOf('https://porto.example/city/card')).to.equal('did:web:porto.example:city:card')
  })
})

describe('DID resolver', () => {
  const { publicJwk } = createHolder()
  const document = createDidDocument({ did: 'did:web:localhost%3A4800', keys: [{ kid: 'k', publicJwk }] })
  const resolver = createDidResolver({
    findDocument: async (did) => did === document.id ? document : undefined,
    ethr: { chainId: 7411, rpcUrl: 'http://127.0.0.1:1' },
  })

  it('finds a known did:web without asking the network', async () => {
    expect((await resolver.resolve('did:web:localhost%3A4800')).didDocument).to.deep.equal(document)
    expect((await resolver.resolve('did:web:localhost%3A4800#k')).didDocument?.verificationMethod?.[0]?.publicKeyJwk).to.deep.equal(publicJwk)
  })

  it('does not fetch an unknown did:web unless told', async () => {
    // A fetch that fails would be told with a message beside the code.
    const { didDocument, didResolutionMetadata } = await resolver.resolve('did:web:elsewhere.invalid')
    expect([didDocument, didResolutionMetadata]).to.deep.equal([null, { error: 'notFound' }])
    const fetching = createDidResolver({ findDocument: async () => undefined, fetchUnknownWeb: true })
    expect((await fetching.resolve('did:web:elsewhere.invalid')).didResolutionMetadata).to.include.keys('message')
  })

  it('reads did:jwk', async () => {
    const did = didJwkOf(publicJwk)
    expect(ecJwkOfDidJwk(`${did}#0`)).to.deep.equal(publicJwk)
    const resolved = (await resolver.resolve(did)).didDocument
    expect(resolved?.verificationMethod?.[0]).to.deep.include({ id: `${did}#0`, publicKeyJwk: { ...publicJwk } })
    for (const bad of ['did:jwk:AAAA', `did:jwk:${Buffer.from(JSON.stringify({ ...publicJwk, d: 'AA' })).toString('base64url')}`]) {
      expect((await resolver.resolve(bad)).didResolutionMetadata.error).to.equal('invalidDid')
      expect(ecJwkOfDidJwk(bad)).to.equal(undefined)
    }
  })

  it('reads the examples of did:key', async () => {
    // https://w3c-ccg.github.io/did-key-spec/#p-256 (didKey and x), #secp256k1-x25519, #ed25519-x25519
    const examples = {
      'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169': { crv: 'P-256', x: 'fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI' },
      'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp': { crv: 'Ed25519', x: 'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik' },
    }
    for (const [did, expected] of Object.entries(examples)) {
      const resolved = (await resolver.resolve(did)).didDocument
      expect(resolved?.verificationMethod?.[0]?.publicKeyJwk).to.include(expected)
      expect(resolved?.verificationMethod?.[0]?.id).to.equal(`${did}#${did.slice('did:key:'.length)}`)
    }
    expect((await resolver.resolve('did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme')).didDocument?.verificationMethod?.[0]?.publicKeyJwk).to.include({ crv: 'secp256k1' })
    expect((await resolver.resolve('did:key:z6Mk')).didDocument).to.equal(null)
    expect((await resolver.resolve('did:key:mAAAA')).didResolutionMetadata.error).to.equal('invalidDid')
  })

  it('reads did:ethr of our chain without a registry', async () => {
    const publicKey = '0x038318535b54105d4a7aae60c08fc45f9687181b4fdfc625bd1a753fa7397fed75'
    const address = computeAddress(publicKey)
    const byAddress = (await resolver.resolve(`did:ethr:0x1cf3:${address}`)).didDocument
    expect(byAddress?.verificationMethod).to.deep.equal([{
      id: `did:ethr:0x1cf3:${address}#controller`, type: 'EcdsaSecp256k1RecoveryMethod2020', controller: `did:ethr:0x1cf3:${address}`,
      blockchainAccountId: `eip155:7411:${address}`,
    }])
    const byKey = (await resolver.resolve(`did:ethr:0x1cf3:${publicKey}`)).didDocument
    expect(byKey?.verificationMethod?.map(({ id }) => id.split('#')[1])).to.deep.equal(['controller', 'controllerKey'])
    expect(byKey?.verificationMethod?.[0]?.blockchainAccountId).to.equal(`eip155:7411:${address}`)
    expect(byKey?.assertionMethod).to.have.length(2)
  })

  it('does not answer for did:ethr of other chains or none', async () => {
    const address = `0x${'12'.repeat(20)}`
    for (const did of [`did:ethr:0x1:${address}`, `did:ethr:${address}`]) {
      expect((await resolver.resolve(did)).didResolutionMetadata.error).to.equal('notFound')
    }
    expect((await resolver.resolve('did:ethr:0x1cf3:0x12')).didDocument).to.equal(null)
    const none = createDidResolver({ findDocument: async () => undefined })
    expect((await none.resolve(`did:ethr:0x1cf3:${address}`)).didDocument).to.equal(null)
  })
})
