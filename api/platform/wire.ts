import { z } from 'zod'

/** Wire schemas that several features answer with. */
export const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, '0x and 32 bytes in lower-case hex')

export const denominationSchema = z.object({
  value: z.int(), modulus: z.string().meta({ description: 'base64url, big-endian' }), exponent: z.literal('AQAB'),
}).meta({ id: 'Denomination' })

export const cardSchema = z.object({
  card_id: z.string(),
  card_number: z.string(),
  state: z.enum(['offered', 'active', 'suspended', 'revoked', 'expired']),
  issued_on: z.iso.date().optional(),
  expires_on: z.iso.date().optional(),
  reason: z.string().optional(),
}).meta({ id: 'Card' })

interface CardView {
  readonly cardId: string
  readonly cardNumber: string
  readonly state: z.output<typeof cardSchema>['state']
  readonly issuedOn: string | undefined
  readonly expiresOn: string | undefined
  readonly reason: string | undefined
}

/** The wire form of a card. */
export function toWireCard(card: CardView): z.output<typeof cardSchema> {
  return {
    card_id: card.cardId,
    card_number: card.cardNumber,
    state: card.state,
    ...(card.issuedOn === undefined ? {} : { issued_on: card.issuedOn }),
    ...(card.expiresOn === undefined ? {} : { expires_on: card.expiresOn }),
    ...(card.reason === undefined ? {} : { reason: card.reason }),
  }
}
