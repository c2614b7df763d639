import { expect } from 'chai'
import fc from 'fast-check'
import { answerAuthorization, answerRecognition, type AuthorityAnswer, type AuthorityQuery } from '../../../agent/trust-lists/authority-statements.ts'
import { standingAt } from '../../../agent/trust-lists/standing.ts'
import { anyRegister, authority, History, someTypes, START, thumbprints } from './registers.ts'

const porto = 'did:web:porto.example'
const clermont = 'did:web:clermont.example'
const barcelona = 'did:web:barcelona.example'
const [portoCard, clermontCard] = someTypes
const ask = (change: Partial<AuthorityQuery> = {}): AuthorityQuery => ({ entityId: porto, authorityId: authority, action: 'issue', resource: portoCard, ...change })
const said = (answer: AuthorityAnswer): boolean | string => (answer.known ? answer.granted : answer.part)

/** Porto and Clermont-Ferrand with a key each, Barcelona only admitted; Porto recognises Clermont-Ferrand. */
const twoCities = () => new History().admit(0).activate(0).admit(1).activate(1).admit(2).accredit(0, 0, 0).accredit(1, 1, 1).recognise(0, 1, 1)

describe('answerAuthorization', () => {
  const register = twoCities().pass(100).register()
  const authorised = (query: Partial<AuthorityQuery>, atSeconds = register.atSeconds, of = register) => said(answerAuthorization(of, ask(query), atSeconds))

  it('says who may issue what under the federation', () => {
    expect(authorised({})).to.equal(true)
    expect(authorised({ resource: clermontCard })).to.equal(false)
    expect(authorised({ entityId: clermont, resource: clermontCard })).to.equal(true)
    expect(authorised({ entityId: barcelona })).to.equal(false)
  })

  it('says whether one key may, by its DID URL or its thumbprint', () => {
    expect(authorised({ entityId: `${porto}#${thumbprints[0]}` })).to.equal(true)
    expect(authorised({ entityId: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${thumbprints[0]}` })).to.equal(true)
    expect(authorised({ entityId: `${clermont}#${thumbprints[0]}` })).to.equal('entity_id')
    expect(authorised({ entityId: `${porto}#${thumbprints[2]}` })).to.equal('entity_id')
  })

  it('lets a city authorise itself and those it recognises', () => {
    expect(authorised({ authorityId: porto })).to.equal(true)
    expect(authorised({ authorityId: porto, entityId: clermont, resource: clermontCard })).to.equal(true)
    expect(authorised({ authorityId: clermont })).to.equal(false)
  })

  it('does not know what is not of this registry', () => {
    expect(authorised({ entityId: 'did:web:elsewhere.example' })).to.equal('entity_id')
    expect(authorised({ authorityId: 'did:pkh:eip155:1:0x00' })).to.equal('authority_id')
    expect(authorised({ action: 'revoke' })).to.equal('action')
    expect(authorised({ resource: 'https://elsewhere.example/vct' })).to.equal('resource')
  })

  it('answers of a time that has passed by all that is known now', () => {
    const later = twoCities().pass(1_000).city('CitySuspended', 0, { reason: 3, until: START + 2_000 }).pass(100).register()
    expect([START - 1, START, START + 999, START + 1_000].map((time) => authorised({}, time, later))).to.deep.equal([false, true, true, false])
    // The theft of a key is found out late: what the key signed since then was never authorised.
    const stolen = twoCities().pass(1_000).withdraw(0, 0, 0, START + 300).register()
    expect([START + 299, START + 300].map((time) => authorised({}, time, stolen))).to.deep.equal([true, false])
  })

  it('lets no suspended city authorise anybody', () => {
    const later = twoCities().pass(10).city('CitySuspended', 0, { reason: 3, until: START + 2_000 }).register()
    expect(authorised({ authorityId: porto, entityId: clermont, resource: clermontCard }, later.atSeconds, later)).to.equal(false)
    expect(authorised({ entityId: clermont, resource: clermontCard }, later.atSeconds, later)).to.equal(true)
  })

  it('lets no city adopt another city\'s key', () => {
    const adopted = new History().admit(0).activate(0).admit(1).activate(1).accredit(1, 0, 0).accredit(0, 0, 0).city('CitySuspended', 1, { reason: 2, until: START + 9_000 })
    const query = ask({ entityId: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${thumbprints[0]}` })
    const answer = answerAuthorization(adopted.register(), query, START)
    expect(answer).to.deep.include({ known: true, granted: true, message: 'The city of Porto is authorised to issue this type.' })
  })

  it('says of each key under the federation what its standing is', () => {
    fc.assert(fc.property(anyRegister(), fc.integer({ min: 0, max: 9_000 }), (some, ago) => {
      const atSeconds = some.atSeconds - ago
      for (const key of some.accreditations) {
        const city = some.cities.find(({ locode }) => locode === key.locode)
        if (city === undefined) throw new Error('a key of nobody')
        const query = ask({ authorityId: some.authority, entityId: `${city.did}#${key.thumbprint}`, resource: key.credentialType })
        expect(said(answerAuthorization(some, query, atSeconds))).to.equal(standingAt(key, city, atSeconds) === 'granted')
      }
    }), { numRuns: 150 })
  })
})

describe('answerRecognition', () => {
  const register = twoCities().pass(100).register()
  const recognised = (query: Partial<AuthorityQuery>, atSeconds = register.atSeconds, of = register) => said(answerRecognition(of, ask(query), atSeconds))

  it('says whom a city recognises, which is not mutual', () => {
    expect(recognised({ authorityId: porto, entityId: clermont, resource: clermontCard })).to.equal(true)
    expect(recognised({ authorityId: clermont, entityId: porto })).to.equal(false)
  })

  it('says that the federation recognises its members', () => {
    expect(recognised({})).to.equal(true)
    expect(recognised({ entityId: barcelona })).to.equal(false)
  })

  it('does not let a city recognise itself, and does not speak of keys', () => {
    expect(recognised({ authorityId: porto })).to.equal(false)
    expect(recognised({ entityId: `${porto}#${thumbprints[0]}` })).to.equal('entity_id')
  })

  it('holds from the grant until its end, its withdrawal, or the next one in its place', () => {
    const query = { authorityId: porto, entityId: clermont, resource: clermontCard }
    const later = twoCities().pass(100).forgo(0, 1, 1).pass(100).recognise(0, 1, 1, START + 250).pass(100).register()
    expect([START - 1, START, START + 99, START + 100, START + 199, START + 200, START + 250, START + 251].map((time) => recognised(query, time, later)))
      .to.deep.equal([false, true, true, false, false, true, true, false])
  })
})
