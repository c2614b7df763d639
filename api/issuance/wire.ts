import { z } from 'zod'
import { CARD_REASONS } from './types.ts'
import type { NewOffer } from './service.ts'

const instant = z.iso.datetime()
const offerId = z.string().regex(/^[A-Za-z0-9_-]{32}$/)

export const residentParams = z.object({ resident_id: z.uuid() })
export const cardParams = z.object({ card_id: z.uuid() })
export const offerParams = z.object({ offer_id: offerId })
export const statusListParams = z.object({ list_id: z.string().regex(/^[1-9][0-9]{0,5}$/) })

export const emptyBody = z.strictObject({})

export const reasonBody = z.strictObject({ reason: z.enum(CARD_REASONS) }).meta({ id: 'CardReason' })

export const newOfferSchema = z.object({
  offer_id: z.string(),
  credential_offer_uri: z.url(),
  offer_link: z.string(),
  offer_by_value_link: z.string(),
  wallet_link: z.url(),
  tx_code: z.string().meta({ description: 'Shown once. Told to the resident by another way than the link.' }),
  expires_at: instant,
}).meta({ id: 'NewOffer' })

export const offerSchema = z.object({
  offer_id: z.string(),
  card_id: z.uuid(),
  state: z.enum(['pending', 'claimed', 'issued', 'expired', 'cancelled']),
  expires_at: instant,
}).meta({ id: 'Offer' })

/** Protocol messages: the agent checks them, so that errors are those of the specification. */
export const protocolBody = z.record(z.string(), z.unknown())
export const protocolAnswer = z.record(z.string(), z.unknown())

/** @see https://identity.foundation/.well-known/resources/did-configuration/#did-configuration-resource */
export const didConfigurationSchema = z.strictObject({
  '@context': z.literal('https://identity.foundation/.well-known/did-configuration/v1'),
  linked_dids: z.array(z.string()).min(1),
}).meta({ id: 'DidConfiguration' })

export const tokenResponse = z.object({
  access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int().positive(),
}).meta({ id: 'TokenResponse' })

export const nonceResponse = z.object({ c_nonce: z.string() }).meta({ id: 'NonceResponse' })

export const credentialResponse = z.object({
  credentials: z.array(z.object({ credential: z.string() })), notification_id: z.string(),
}).meta({ id: 'CredentialResponse' })

export const toWireOffer = (offer: NewOffer): z.output<typeof newOfferSchema> => ({
  offer_id: offer.offerId,
  credential_offer_uri: offer.offerUrl,
  offer_link: offer.link,
  offer_by_value_link: offer.linkByValue,
  wallet_link: offer.walletLink,
  tx_code: offer.txCode,
  expires_at: offer.expiresAt.toISOString(),
})
