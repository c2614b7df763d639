import { createCredentialOffer } from '../../../agent/protocols/credential-offer.ts'
import { resolveHolderKey } from '../../../agent/protocols/did-key.ts'
import { ProtocolError } from '../../../agent/protocols/errors.ts'
import { CONFIGURATION_IDS, createAuthorizationServerMetadata, createIssuerMetadata } from '../../../agent/protocols/issuer-metadata.ts'
import { createCredentialResponse, parseCredentialRequest, parseNotification, parseTokenRequest } from '../../../agent/protocols/issuer-requests.ts'
import { verifyKeyProof } from '../../../agent/protocols/key-proof.ts'
import { createNetwork, json, NOW, type RecordedRequest, suite } from './support.ts'

export const publicUrl = 'https://porto.example'

/** A city with the protocol's rules and nothing behind them: a card is the thumbprint of its holder's key. */
export const createFakeIssuer = ({ staleNonces = 0 } = {}) => {
  const nonces = new Set<string>()
  const notifications: unknown[] = []
  let made = 0
  const answer = (run: (request: RecordedRequest) => Promise<Response> | Response) => async (request: RecordedRequest) => {
    try {
      return await run(request)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return json({ error: error.oauthError, error_description: error.message }, 400)
    }
  }
  const offer = {
    credentialIssuer: publicUrl, credentialConfigurationIds: CONFIGURATION_IDS, preAuthorizedCode: 'code-1',
    txCode: { inputMode: 'numeric' as const, length: 6 }
  }
  const network = createNetwork({
    [`${publicUrl}/oid4vci/offers/1`]: () => json(createCredentialOffer(offer)),
    [`${publicUrl}/.well-known/openid-credential-issuer`]: () => json(createIssuerMetadata({
      publicUrl, cityName: 'Porto', vct: `${publicUrl}/vct/city-card`, batchSize: 8, claims: [{ name: 'given_name', label: 'Given name' }]
    })),
    [`${publicUrl}/.well-known/oauth-authorization-server`]: () => json(createAuthorizationServerMetadata(publicUrl)),
    [`${publicUrl}/oid4vci/token`]: answer(({ body }) => {
      const { preAuthorizedCode, txCode } = parseTokenRequest(Object.fromEntries(new URLSearchParams(body)))
      if (txCode === undefined) throw new ProtocolError('ERR_TOKEN_REQUEST', 'no tx_code', { oauthError: 'invalid_request' })
      if (preAuthorizedCode !== 'code-1' || txCode !== '123456') throw new ProtocolError('ERR_TOKEN_REQUEST', 'no', { oauthError: 'invalid_grant' })
      return json({ access_token: 'token-1', token_type: 'Bearer', expires_in: 600 })
    }),
    [`${publicUrl}/oid4vci/nonce`]: () => {
      const nonce = `nonce-${++made}`
      if (made > staleNonces) nonces.add(nonce)
      return json({ c_nonce: nonce })
    },
    [`${publicUrl}/oid4vci/credential`]: answer(async ({ body, headers }) => {
      if (headers.get('authorization') !== 'Bearer token-1') {
        return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
      }
      const { proofs } = parseCredentialRequest(JSON.parse(body), { configurationIds: CONFIGURATION_IDS, batchSize: 8 })
      const verified = await Promise.all(proofs.map((jwt) => verifyKeyProof(jwt, {
        audience: publicUrl, nowSeconds: NOW, maxAgeSeconds: 300, crypto: suite, resolve: resolveHolderKey
      })))
      if (!verified.every(({ nonce }) => nonces.has(nonce))) throw new ProtocolError('ERR_PROOF_INVALID', 'stale', { oauthError: 'invalid_nonce' })
      return json(createCredentialResponse(verified.map(({ thumbprint }) => thumbprint), 'notification-1'))
    }),
    [`${publicUrl}/oid4vci/notification`]: answer(({ body }) => {
      notifications.push(parseNotification(JSON.parse(body)))
      return new Response(null, { status: 204 })
    })
  })
  return { ...network, notifications, offer, offerLink: `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(`${publicUrl}/oid4vci/offers/1`)}` }
}
