import { expect } from 'chai'
import { createDcqlQuery, type HeldCredential, matchDcqlQuery, parseDcqlQuery, selectPath } from '../../../agent/protocols/dcql.ts'
import { codeOf, vector } from './support.ts'

const identity = 'https://credentials.example.com/identity_credential'
const held = (vct: string, claims: Record<string, unknown>): HeldCredential => ({ format: 'dc+sd-jwt', vct, claims })
const match = (name: string, credentials: HeldCredential[]) => matchDcqlQuery(parseDcqlQuery(vector(`openid4vp/${name}.json`)), credentials)
const idsOf = (matches: readonly { queryId: string }[]) => matches.map(({ queryId }) => queryId)

describe('a DCQL query', () => {
  it('with alternative claims takes the first set that can be met, and shows no more', () => {
    const all = { family_name: 'D', postal_code: '1', locality: 'L', region: 'R', date_of_birth: '2000-01-01' }
    const first = match('claims_alternatives', [held(identity, all)])
    expect(first.required[0]?.candidates[0]?.paths).to.deep.equal([['family_name'], ['locality'], ['region'], ['date_of_birth']])
    const { region, ...rest } = all
    expect(region).to.equal('R')
    expect(match('claims_alternatives', [held(identity, rest)]).required[0]?.candidates[0]?.paths)
      .to.deep.equal([['family_name'], ['postal_code'], ['date_of_birth']])
  })

  it('with values is met only by a card with one of them', async () => {
    const claims = { family_name: 'Doe', given_name: 'J', address: { street_address: 'S' }, postal_code: '90211' }
    expect(match('value_matching_simple', [held(identity, claims)]).required).to.have.length(1)
    expect(await codeOf(() => match('value_matching_simple', [held(identity, { ...claims, postal_code: '1' })]))).to.equal('ERR_NO_MATCHING_CREDENTIAL')
  })

  it('with alternative cards takes the first option that can be met, and what is nice to have as optional', () => {
    const reduced = held('https://credentials.example.com/reduced_identity_credential', { family_name: 'D', given_name: 'J' })
    const residence = held('https://cred.example/residence_credential', { postal_code: '1', locality: 'L', region: 'R' })
    const rewards = held('https://company.example/company_rewards', { rewards_number: 7 })
    const both = match('credentials_alternatives', [residence, rewards, reduced])
    expect(idsOf(both.required)).to.deep.equal(['pid_reduced_cred_1', 'pid_reduced_cred_2'])
    expect(idsOf(both.optional)).to.deep.equal(['nice_to_have'])
    const other = held('https://othercredentials.example/pid', { given_name: 'J', family_name: 'D', address: { street_address: 'S' } })
    expect(idsOf(match('credentials_alternatives', [other, reduced, residence]).required)).to.deep.equal(['other_pid'])
  })

  it('for two cards is not met by one', async () => {
    const claims = { given_name: 'J', family_name: 'D', address: { street_address: 'S' } }
    expect(await codeOf(() => match('multi_credentials', [held(identity, claims)]))).to.equal('ERR_NO_MATCHING_CREDENTIAL')
  })

  it('for a W3C credential looks at its types and its subject', async () => {
    const card = (types: string[]): HeldCredential => ({ format: 'jwt_vc_json', types, claims: { credentialSubject: { family_name: 'D', given_name: 'J' } } })
    expect(match('dcql_jwt_vc', [card(['VerifiableCredential', 'IDCredential'])]).required[0]?.candidates[0]?.paths)
      .to.deep.equal([['credentialSubject', 'family_name'], ['credentialSubject', 'given_name']])
    expect(await codeOf(() => match('dcql_jwt_vc', [card(['VerifiableCredential'])]))).to.equal('ERR_NO_MATCHING_CREDENTIAL')
  })

  it('of a gate asks for the card of any accepted city in either format', () => {
    const query = createDcqlQuery({ claims: ['age_over_18'], vctValues: ['a', 'b'], jwtVcTypes: [['VerifiableCredential', 'CityCard']] })
    expect(parseDcqlQuery(query)).to.deep.equal(query)
    expect(idsOf(matchDcqlQuery(query, [held('b', { age_over_18: false })]).required)).to.deep.equal(['card'])
    const w3c: HeldCredential = { format: 'jwt_vc_json', types: ['VerifiableCredential', 'CityCard'], claims: { credentialSubject: { age_over_18: true } } }
    expect(idsOf(matchDcqlQuery(query, [w3c]).required)).to.deep.equal(['card_w3c'])
  })

  it('is refused when it contradicts itself', async () => {
    const card = { id: 'a', format: 'dc+sd-jwt', meta: {} }
    const wrong = [
      {}, { credentials: [] }, { credentials: [card, card] }, { credentials: [{ ...card, id: 'a b' }] },
      { credentials: [card], credential_sets: [{ options: [['b']] }] },
      { credentials: [{ ...card, claim_sets: [['x']] }] },
      { credentials: [{ ...card, claims: [{ path: [] }] }] },
      { credentials: [{ ...card, claims: [{ path: [-1] }] }] }
    ]
    for (const query of wrong) expect(await codeOf(() => parseDcqlQuery(query)), JSON.stringify(query)).to.equal('ERR_DCQL_INVALID')
  })
})

describe('a claims path pointer', () => {
  // OpenID4VP 1.0 §7.3
  const data = {
    name: 'Arthur Dent', address: { street_address: '42 Market Street' },
    degrees: [{ type: 'Bachelor', university: 'Betelgeuse' }, { type: 'Master', university: 'Betelgeuse' }], nationalities: ['British', 'Betelgeusian']
  }

  it('follows the examples of the specification', () => {
    expect(selectPath(data, ['name'])).to.deep.equal(['Arthur Dent'])
    expect(selectPath(data, ['address', 'street_address'])).to.deep.equal(['42 Market Street'])
    expect(selectPath(data, ['degrees', null, 'type'])).to.deep.equal(['Bachelor', 'Master'])
    expect(selectPath(data, ['nationalities', 1])).to.deep.equal(['Betelgeusian'])
  })

  it('finds nothing where there is nothing, nor in what every object inherits', () => {
    for (const path of [['x'], ['name', 'length'], ['nationalities', 2], ['name', null], ['toString'], ['__proto__'], ['nationalities', 'length']]) {
      expect(selectPath(data, path)).to.deep.equal([])
    }
  })
})
