import { expect } from 'chai'
import { encodeBase64url } from '../../../agent/formats/base64url.ts'
import { didJwkOf } from '../../../agent/formats/jwk.ts'
import type { CardDecision } from '../../../agent/verification/verify-card.ts'
import { AUDIENCE, claimsOf, createHolder, createPorto, issuing, NONCE, NOW, type Porto } from '../porto.ts'
import { decideAbroad, expectOnly, failures, status } from './decisions.ts'

describe('verification of a JWT VC', () => {
  const holder = createHolder()
  let porto: Porto
  let credential: string

  beforeEach(async () => {
    porto = await createPorto()
    credential = await porto.agent.createJwtVc({
      ...issuing(porto), claims: claimsOf(), issuerDid: porto.did, holderJwk: holder.publicJwk, status,
    })
  })

  const decide = (payload: object, header: object = {}): Promise<CardDecision> => {
    const encode = (value: object): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
    const input = `${encode({ alg: 'ES256', ...header })}.${encode({
      iss: didJwkOf(holder.publicJwk), aud: AUDIENCE, nonce: NONCE, iat: NOW, vp: { verifiableCredential: [credential] }, ...payload,
    })}`
    return decideAbroad(porto, 'jwt_vc_json', `${input}.${holder.sign(input)}`)
  }

  it('takes the one credential with or without a list around it', async () => {
    expect((await decide({})).accepted).to.equal(true)
    expect((await decide({ vp: { verifiableCredential: credential } })).accepted).to.equal(true)
  })

  it('refuses a presentation of two credentials or none', async () => {
    for (const vp of [{ verifiableCredential: [credential, credential] }, { verifiableCredential: [] }, {}, undefined]) {
      expect(failures(await decide({ vp }))).to.deep.equal([['signature', 'ERR_CREDENTIAL_MALFORMED']])
    }
  })

  it('refuses a presentation that names another holder, another key or another algorithm', async () => {
    const other = didJwkOf(createHolder().publicJwk)
    expectOnly(await decide({ iss: other }), 'holder-binding', 'ERR_HOLDER_BINDING')
    expectOnly(await decide({ iss: undefined }), 'holder-binding', 'ERR_HOLDER_BINDING')
    for (const header of [{ kid: `${other}#0` }, { alg: 'none' }, { crit: ['x'] }]) {
      expectOnly(await decide({}, header), 'holder-binding', 'ERR_HOLDER_BINDING')
    }
  })
})
