import { expect } from 'chai'
import fc from 'fast-check'
import { createListOfTrustedEntities } from '../../../agent/trust-lists/lote.ts'
import { readListOfTrustedEntities } from '../../../agent/trust-lists/read-lote.ts'
import { TrustListError } from '../../../agent/trust-lists/errors.ts'
import { explicitLoteSchema } from './lote-schema.ts'
import { anyRegister, History, someTypes, START } from './registers.ts'

const options = {
  operator: { locode: 'PTOPO', cityName: 'Porto', publicUrl: 'https://porto.example' }, listUrl: 'https://porto.example/trust-lists/city-card-issuers.jwt',
  issuedAtSeconds: START, nextUpdateSeconds: START + 86_400,
}

describe('createListOfTrustedEntities', () => {
  it('writes lists that ETSI TS 119 602 allows, whatever happened', () => {
    fc.assert(fc.property(anyRegister(), (register) => {
      const list = createListOfTrustedEntities(register, options)
      explicitLoteSchema.parse(JSON.parse(JSON.stringify(list)))
      readListOfTrustedEntities(list)
    }), { numRuns: 200 })
  })

  it('leaves the entities out when there are none, for an empty list is not allowed', () => {
    const { LoTE } = createListOfTrustedEntities(new History().register(), options)
    expect(LoTE).to.not.have.property('TrustedEntitiesList')
    expect(readListOfTrustedEntities({ LoTE }).members).to.deep.equal([])
  })

  it('is numbered by its block and says when the next one comes', () => {
    const register = new History().admit(0).register()
    const { ListAndSchemeInformation: scheme } = createListOfTrustedEntities(register, options).LoTE
    expect(scheme.LoTESequenceNumber).to.equal(register.block.number)
    expect([scheme.ListIssueDateTime, scheme.NextUpdate]).to.deep.equal(['2023-11-14T22:13:20Z', '2023-11-15T22:13:20Z'])
  })

  it('tells how a key stood, the newest first, each with the transaction that made it so', () => {
    const history = new History().admit(0).activate(0).accredit(0, 0, 0).pass(100).city('CitySuspended', 0, { reason: 3, until: START + 1_000 })
    history.pass(50).city('CityReinstated', 0).pass(50).withdraw(0, 0, 0, START + 150)
    const [entity] = createListOfTrustedEntities(history.register(), options).LoTE.TrustedEntitiesList ?? []
    const service = entity?.TrustedEntityServices[1]
    expect(service?.ServiceInformation.ServiceStatus).to.equal('urn:symbolon:service-status:withdrawn')
    expect(service?.ServiceHistory?.map((one) => `${one.ServiceStatus.split(':').at(-1)} ${one.StatusStartingTime}`)).to.deep.equal([
      'suspended 2023-11-14T22:15:00Z', 'granted 2023-11-14T22:13:20Z',
    ])
    expect(service?.ServiceHistory?.[0]?.ServiceInformationExtensions?.[0]).to.include({ Block: 104, CredentialType: someTypes[0] })
  })

  it('puts no text of the chain where only a URI may stand', () => {
    const history = new History().emit('CityRegistry', 'CityAdmitted', {
      city: '0x50544f504f', name: '<b>Porto</b>', did: 'not a did', controller: '0x1', recovery: '0x2', serviceUrl: 'no url',
    }).activate(0).accredit(0, 0, 2)
    const list = createListOfTrustedEntities(history.register(), options)
    explicitLoteSchema.parse(JSON.parse(JSON.stringify(list)))
    expect(readListOfTrustedEntities(list).members[0]).to.include({ did: 'not a did', name: '<b>Porto</b>', serviceUrl: 'urn:symbolon:city:PTOPO' })
  })
})

describe('readListOfTrustedEntities', () => {
  const list = createListOfTrustedEntities(new History().admit(0).activate(0).accredit(0, 0, 0).register(), options)
  const changed = (change: (text: string) => string): unknown => JSON.parse(change(JSON.stringify(list)))

  it('reads back what was written', () => {
    const read = readListOfTrustedEntities(list)
    expect(read).to.include({ sequenceNumber: 103, issuedAtSeconds: START, nextUpdateSeconds: START + 86_400 })
    expect(read.members.map(({ locode, standing, memberSinceSeconds, keys }) => ({ locode, standing, memberSinceSeconds, keys: keys.length })))
      .to.deep.equal([{ locode: 'PTOPO', standing: 'granted', memberSinceSeconds: START, keys: 1 }])
    expect(read.members[0]?.keys[0]).to.include({ standing: 'granted', validFromSeconds: START, validUntilSeconds: 253_402_300_799, credentialType: someTypes[0] })
  })

  it('refuses a list of another kind, and one that lacks what it must say', () => {
    const bad = [
      'a text', {}, { LoTE: {} },
      changed((text) => text.replace('urn:symbolon:lote-type:city-card-issuers', 'http://uri.etsi.org/19602/LoTEType/EUPIDProvidersList')),
      changed((text) => text.replace('"LoTEVersionIdentifier":1', '"LoTEVersionIdentifier":2')),
      changed((text) => text.replace('service-status:granted', 'service-status:blessed')),
      changed((text) => text.replaceAll('urn:symbolon:lote-extension:accreditation', 'urn:other')),
      changed((text) => text.replace('"crv":"P-256"', '"crv":"P-384"')),
      changed((text) => text.replace(/"NextUpdate":"[^"]+"/, '"NextUpdate":"soon"')),
      changed((text) => text.replace('urn:symbolon:service-type:federation-membership', 'urn:other')),
    ]
    for (const document of bad) {
      expect(() => readListOfTrustedEntities(document), JSON.stringify(document).slice(0, 80)).to.throw(TrustListError).with.property('code', 'ERR_TRUST_LIST_MALFORMED')
    }
  })
})
