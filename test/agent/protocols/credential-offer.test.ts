import { expect } from 'chai'
import { createCredentialOffer, createOfferLinks, fetchCredentialOffer, parseCredentialOffer } from '../../../agent/protocols/credential-offer.ts'
import { codeOf, createNetwork, json, vector } from './support.ts'

const offer = {
  credentialIssuer: 'https://porto.example', credentialConfigurationIds: ['city_card_sd_jwt'], preAuthorizedCode: 'abc',
  txCode: { inputMode: 'numeric' as const, length: 6, description: 'On your letter' }
}
const offerUrl = 'https://porto.example/oid4vci/offers/1'

describe('a credential offer', () => {
  it('comes back as it was, by value and by reference', async () => {
    const { fetch } = createNetwork({ [offerUrl]: () => json(createCredentialOffer(offer), 200, 'Application/JSON; charset=UTF-8') })
    const links = createOfferLinks(offer, offerUrl)
    expect(await fetchCredentialOffer(links.byValue, fetch)).to.deep.equal(offer)
    expect(await fetchCredentialOffer(links.byReference, fetch)).to.deep.equal(offer)
  })

  it('is read from any scheme in any case, as foreign issuers make them', async () => {
    const { fetch } = createNetwork({ [offerUrl]: () => json(createCredentialOffer(offer)) })
    const query = new URLSearchParams({ credential_offer_uri: offerUrl })
    for (const prefix of ['OpenID-Credential-Offer://?', 'haip-vci://?', 'openid-credential-offer:?', 'https://wallet.example/open?']) {
      expect(await fetchCredentialOffer(`${prefix}${query}`, fetch), prefix).to.deep.equal(offer)
    }
  })

  it('is read from the examples of the specification', () => {
    expect(parseCredentialOffer(vector('openid4vci/credential_offer_pre_authz_code.json'))).to.deep.include({
      credentialIssuer: 'https://credential-issuer.example.com', preAuthorizedCode: 'adhjhdjajkdkhjhdj'
    })
    expect(parseCredentialOffer(vector('openid4vci/credential_offer_multiple_credentials.json')).txCode).to.deep.equal({
      inputMode: 'numeric', length: 4, description: 'Please provide the one-time code that was sent via e-mail'
    })
  })

  it('without a pre-authorized code is read, for the wallet to say it cannot take it', () => {
    const { preAuthorizedCode, ...rest } = parseCredentialOffer({
      credential_issuer: 'https://a.example', credential_configuration_ids: ['x'], grants: { authorization_code: { issuer_state: 's' } }
    })
    expect(preAuthorizedCode).to.equal(undefined)
    expect(rest.credentialConfigurationIds).to.deep.equal(['x'])
  })

  it('is refused when malformed, doubled, or from an insecure place', async () => {
    const { fetch, requests } = createNetwork({})
    const malformed = [
      'openid-credential-offer://', 'openid-credential-offer://?credential_offer=%7B', 'openid-credential-offer://?credential_offer=[]', 'hello',
      'openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https://a.example'
    ]
    for (const link of malformed) expect(await codeOf(() => fetchCredentialOffer(link, fetch)), link).to.equal('ERR_OFFER_INVALID')
    const insecure = ['http://porto.example/o', 'ftp://porto.example/o', 'https://user:pw@porto.example/o', 'javascript:alert(1)', '/offers/1']
    for (const url of insecure) {
      const link = `openid-credential-offer://?${new URLSearchParams({ credential_offer_uri: url })}`
      expect(await codeOf(() => fetchCredentialOffer(link, fetch)), url).to.equal('ERR_URL_NOT_ALLOWED')
    }
    const elsewhere = { ...createCredentialOffer(offer), credential_issuer: 'http://porto.example' }
    expect(await codeOf(() => parseCredentialOffer(elsewhere))).to.equal('ERR_URL_NOT_ALLOWED')
    expect(requests).to.have.length(0)
  })
})
