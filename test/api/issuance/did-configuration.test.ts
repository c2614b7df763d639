import { expect } from 'chai'
import { splitJwt } from '../../../agent/formats/sd-jwt-vc.ts'
import { createTestCity, type TestCity } from '../city.ts'
import { createWire, type Answer } from '../wallet.ts'

const PATH = '/.well-known/did-configuration.json'
const DAY = 86_400

describe('the DID Configuration of a city', () => {
  let city: TestCity
  let failing = false

  before(async () => {
    city = await createTestCity({
      wrapAgent: (agent) => ({
        ...agent,
        createDomainLinkageCredential: async (args) => {
          if (failing) throw new Error('the key store is away')
          return agent.createDomainLinkageCredential(args)
        },
      }),
    })
  })
  after(async () => { await city.close() })

  const read = (): Promise<Answer> => createWire(city).get(PATH)
  const linked = ({ body }: Answer): string => (body['linked_dids'] as string[])[0] ?? ''

  it('tries again when signing failed', async () => {
    failing = true
    expect((await read()).status).to.equal(500)
    failing = false
    expect((await read()).status).to.equal(200)
  })

  it('is public, cacheable, and has the members of the specification alone', async () => {
    const response = await fetch(`${city.url}${PATH}`, { headers: { origin: 'https://verifier.example' } })
    const { headers } = response
    expect([response.status, headers.get('access-control-allow-origin'), headers.get('cache-control')]).to.deep.equal([200, '*', 'public, max-age=300'])
    expect(headers.get('content-type')).to.match(/^application\/json/)
    const body = await response.json() as { linked_dids: string[] }
    expect(body).to.have.all.keys('@context', 'linked_dids')
    expect(body).to.include({ '@context': 'https://identity.foundation/.well-known/did-configuration/v1' })
    expect(body.linked_dids).to.have.length(1)
  })

  it('proves, to one who starts at the DID document, that origin and DID are one city', async () => {
    const document = (await createWire(city).get('/.well-known/did.json')).body as { id: string; service: { type: string; serviceEndpoint: string }[] }
    const origin = document.service.find(({ type }) => type === 'LinkedDomains')?.serviceEndpoint ?? ''
    expect(origin).to.equal(city.url)
    const linkage = await city.agent.verifyDomainLinkage({ credential: linked(await read()), origin, did: document.id })
    expect(linkage).to.deep.include({ did: city.identity.did, keyId: `${city.identity.did}#${city.identity.issuerKid}` })
    expect(linkage.expiresAtSeconds).to.be.greaterThan(city.now() + 60 * DAY)
  })

  it('is signed once a day, and again on the next', async () => {
    const first = linked(await read())
    expect(linked(await read())).to.equal(first)
    city.pass(DAY)
    const next = linked(await read())
    expect(Number(splitJwt(next)[1]['nbf']) - Number(splitJwt(first)[1]['nbf'])).to.equal(DAY)
  })
})
