import { ProtocolError } from './errors.ts'
import { type Fetch, requestJson } from './http.ts'
import { credentialOfferSchema, PRE_AUTHORIZED_GRANT } from './vci-wire.ts'
import { linkParameters, parseWebUrl } from './web-url.ts'

export interface TransactionCode {
  readonly inputMode: 'numeric' | 'text'
  readonly length?: number
  readonly description?: string
}

export interface CredentialOffer {
  readonly credentialIssuer: string
  readonly credentialConfigurationIds: readonly string[]
  /** Absent when the issuer offers only grants that begin in a browser. */
  readonly preAuthorizedCode?: string
  readonly txCode?: TransactionCode
  readonly authorizationServer?: string
}

/** The offer as the issuer serves it. */
export const createCredentialOffer = (offer: CredentialOffer): Record<string, unknown> => ({
  credential_issuer: offer.credentialIssuer,
  credential_configuration_ids: [...offer.credentialConfigurationIds],
  ...(offer.preAuthorizedCode !== undefined && {
    grants: {
      [PRE_AUTHORIZED_GRANT]: {
        'pre-authorized_code': offer.preAuthorizedCode,
        ...(offer.txCode !== undefined && {
          tx_code: {
            input_mode: offer.txCode.inputMode,
            ...(offer.txCode.length !== undefined && { length: offer.txCode.length }),
            ...(offer.txCode.description !== undefined && { description: offer.txCode.description })
          }
        })
      }
    }
  })
})

/**
 * Links that hand an offer to any wallet, by reference and by value.
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-4.1.2
 */
export const createOfferLinks = (offer: CredentialOffer, offerUrl: string): { byReference: string, byValue: string } => ({
  byReference: `openid-credential-offer://?${new URLSearchParams({ credential_offer_uri: offerUrl })}`,
  byValue: `openid-credential-offer://?${new URLSearchParams({ credential_offer: JSON.stringify(createCredentialOffer(offer)) })}`
})

/**
 * Reads an offer's JSON.
 * @throws ProtocolError ERR_OFFER_INVALID, ERR_URL_NOT_ALLOWED
 */
export const parseCredentialOffer = (json: unknown): CredentialOffer => {
  const { success, data } = credentialOfferSchema.safeParse(json)
  if (!success) throw new ProtocolError('ERR_OFFER_INVALID', 'the credential offer is not of the form OpenID4VCI 1.0 gives it')
  parseWebUrl(data.credential_issuer)
  const grant = data.grants?.[PRE_AUTHORIZED_GRANT]
  return {
    credentialIssuer: data.credential_issuer,
    credentialConfigurationIds: data.credential_configuration_ids,
    ...(grant !== undefined && { preAuthorizedCode: grant['pre-authorized_code'] }),
    ...(grant?.authorization_server !== undefined && { authorizationServer: grant.authorization_server }),
    ...(grant?.tx_code !== undefined && {
      txCode: {
        inputMode: grant.tx_code.input_mode ?? 'numeric',
        ...(grant.tx_code.length !== undefined && { length: grant.tx_code.length }),
        ...(grant.tx_code.description !== undefined && { description: grant.tx_code.description })
      }
    })
  }
}

/**
 * Reads the offer behind a link: `openid-credential-offer://?…` or any other scheme a wallet answers to, by value or,
 * fetching it, by reference.
 * @throws ProtocolError ERR_OFFER_INVALID, ERR_URL_NOT_ALLOWED, ERR_REMOTE_UNREACHABLE, ERR_REMOTE_REFUSED
 */
export const fetchCredentialOffer = async (link: string, fetch: Fetch): Promise<CredentialOffer> => {
  const parameters = linkParameters(link.trim())
  const values = parameters?.getAll('credential_offer') ?? []
  const references = parameters?.getAll('credential_offer_uri') ?? []
  if (values.length + references.length !== 1) {
    throw new ProtocolError('ERR_OFFER_INVALID', 'a link holds either one credential_offer or one credential_offer_uri')
  }
  if (references[0] !== undefined) return parseCredentialOffer(await requestJson(fetch, references[0]))
  return parseCredentialOffer(parseJson(values[0] ?? ''))
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ProtocolError('ERR_OFFER_INVALID', 'the credential offer is not JSON', { cause })
  }
}
