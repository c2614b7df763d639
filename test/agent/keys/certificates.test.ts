import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { isIssuedBy } from '../../../agent/keys/certificates.ts'
import { createPorto, DAY, NOW, PORTO_URL, type Porto } from '../porto.ts'

describe("a city's certificates", () => {
  let porto: Porto

  before(async () => {
    porto = await createPorto()
  })

  const read = (certificate: string): X509Certificate => new X509Certificate(Buffer.from(certificate, 'base64'))

  it('make a chain that Node accepts', () => {
    const [leaf, authority] = [read(porto.x5c[0]!), read(porto.authorityCertificate)]
    expect(leaf.verify(authority.publicKey)).to.equal(true)
    expect(leaf.checkIssued(authority)).to.equal(true)
    expect([authority.ca, leaf.ca]).to.deep.equal([true, false])
  })

  it("certify the issuer's key under the city's URL and host name", async () => {
    const leaf = read(porto.x5c[0]!)
    expect(leaf.publicKey.export({ format: 'jwk' })).to.deep.include((await porto.agent.keys.getKey(porto.issuerKid)).publicJwk)
    expect(leaf.subjectAltName).to.equal(`URI:${PORTO_URL}, DNS:card.porto.example`)
  })

  it('tell no more of the time than the day', () => {
    expect(read(porto.x5c[0]!).validFromDate.toISOString()).to.match(/T00:00:00.000Z$/)
  })

  it('hold only between their days and under their own authority', async () => {
    const other = await createPorto()
    const [leaf] = porto.x5c
    expect(await isIssuedBy(leaf!, porto.authorityCertificate, NOW)).to.equal(true)
    expect(await isIssuedBy(leaf!, porto.authorityCertificate, NOW - 31 * DAY)).to.equal(false)
    expect(await isIssuedBy(leaf!, porto.authorityCertificate, NOW + 3_650 * DAY)).to.equal(false)
    expect(await isIssuedBy(leaf!, other.authorityCertificate, NOW)).to.equal(false)
    expect(await isIssuedBy(leaf!, leaf!, NOW)).to.equal(false)
    expect(await isIssuedBy('AAAA', porto.authorityCertificate, NOW)).to.equal(false)
  })
})
