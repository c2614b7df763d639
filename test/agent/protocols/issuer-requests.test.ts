import { expect } from 'chai'
import { parseCredentialRequest, parseNotification, parseTokenRequest } from '../../../agent/protocols/issuer-requests.ts'

const grant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
const errorOf = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return (error as { oauthError?: unknown }).oauthError
  }
}

describe('a token request', () => {
  it('is read with and without a transaction code', () => {
    expect(parseTokenRequest({ grant_type: grant, 'pre-authorized_code': 'c' })).to.deep.equal({ preAuthorizedCode: 'c' })
    expect(parseTokenRequest({ grant_type: grant, 'pre-authorized_code': 'c', tx_code: '1' })).to.deep.equal({ preAuthorizedCode: 'c', txCode: '1' })
  })

  it('is refused with the error the specification names', () => {
    expect(errorOf(() => parseTokenRequest({}))).to.equal('invalid_request')
    expect(errorOf(() => parseTokenRequest({ grant_type: 'authorization_code' }))).to.equal('unsupported_grant_type')
    expect(errorOf(() => parseTokenRequest({ grant_type: grant }))).to.equal('invalid_request')
    expect(errorOf(() => parseTokenRequest({ grant_type: grant, 'pre-authorized_code': ['a', 'b'] }))).to.equal('invalid_request')
  })
})

describe('a credential request', () => {
  const expected = { configurationIds: ['card'], batchSize: 2 }
  const parse = (body: unknown) => errorOf(() => parseCredentialRequest(body, expected))

  it('is read with its batch of proofs', () => {
    expect(parse({ credential_configuration_id: 'card', proofs: { jwt: ['a', 'b'] }, more: 1 }))
      .to.deep.equal({ configurationId: 'card', proofs: ['a', 'b'] })
  })

  it('is refused with the error the specification names', () => {
    const proofs = { jwt: ['a'] }
    expect(parse(undefined)).to.equal('invalid_credential_request')
    expect(parse({ proofs })).to.equal('invalid_credential_request')
    expect(parse({ credential_configuration_id: 'card', credential_identifier: 'x', proofs })).to.equal('invalid_credential_request')
    expect(parse({ credential_identifier: 'x', proofs })).to.equal('unknown_credential_identifier')
    expect(parse({ credential_configuration_id: 'other', proofs })).to.equal('unknown_credential_configuration')
    expect(parse({ credential_configuration_id: 'card' })).to.equal('invalid_proof')
    expect(parse({ credential_configuration_id: 'card', proofs: {} })).to.equal('invalid_proof')
    expect(parse({ credential_configuration_id: 'card', proofs: { di_vp: ['a'] } })).to.equal('invalid_proof')
    expect(parse({ credential_configuration_id: 'card', proofs: { jwt: ['a'], di_vp: ['a'] } })).to.equal('invalid_proof')
    expect(parse({ credential_configuration_id: 'card', proofs: { jwt: [7] } })).to.equal('invalid_proof')
    expect(parse({ credential_configuration_id: 'card', proofs: { jwt: ['a', 'b', 'c'] } })).to.equal('invalid_credential_request')
    expect(parse({ credential_configuration_id: 'card', proofs, credential_response_encryption: {} })).to.equal('invalid_encryption_parameters')
  })
})

describe('a notification', () => {
  it('is read, and refused when its event is none', () => {
    expect(parseNotification({ notification_id: 'n', event: 'credential_accepted' })).to.deep.equal({ notificationId: 'n', event: 'credential_accepted' })
    expect(errorOf(() => parseNotification({ notification_id: 'n', event: 'lost' }))).to.equal('invalid_notification_request')
    expect(errorOf(() => parseNotification({ event: 'credential_deleted' }))).to.equal('invalid_notification_request')
  })
})
