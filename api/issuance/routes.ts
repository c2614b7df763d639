import { defineRoute, requirePrincipal, type RouteDefinition } from '../platform/route.ts'
import { cardSchema, toWireCard } from '../platform/wire.ts'
import type { IssuanceService } from './service.ts'
import { cardParams, emptyBody, newOfferSchema, offerParams, offerSchema, reasonBody, residentParams, toWireOffer } from './wire.ts'

/** Routes of the desk: offers and the life of a card. */
export function createIssuanceRoutes(service: IssuanceService): readonly RouteDefinition[] {
  const lifeCycle = (action: 'suspend' | 'resume' | 'revoke', summary: string): RouteDefinition => defineRoute({
    method: 'post', path: `/v1/cards/:card_id/${action}`, tag: 'Cards', summary, access: ['staff'], idempotent: true,
    params: cardParams, body: reasonBody, responses: { 200: cardSchema },
    async handle({ params, body, principal }) {
      return { status: 200, body: toWireCard(await service[action](params.card_id, body.reason, requirePrincipal(principal))) }
    },
  })

  return [
    defineRoute({
      method: 'post', path: '/v1/residents/:resident_id/offers', tag: 'Offers', summary: 'Offer a card to a resident',
      description: 'A card that is on its way already is offered again; its earlier offers end.',
      access: ['staff'], idempotent: true, params: residentParams, body: emptyBody, responses: { 201: newOfferSchema },
      async handle({ params, principal }) {
        return { status: 201, body: toWireOffer(await service.createOffer(params.resident_id, requirePrincipal(principal))) }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/offers/:offer_id', tag: 'Offers', summary: 'What became of an offer',
      access: ['staff'], params: offerParams, responses: { 200: offerSchema },
      async handle({ params }) {
        const offer = await service.readOffer(params.offer_id)
        return { status: 200, body: { offer_id: offer.offerId, card_id: offer.cardId, state: offer.state, expires_at: offer.expiresAt.toISOString() } }
      },
    }),
    defineRoute({
      method: 'post', path: '/v1/offers/:offer_id/cancel', tag: 'Offers', summary: 'Withdraw an offer that was not taken',
      access: ['staff'], params: offerParams, body: emptyBody, responses: { 200: offerSchema },
      async handle({ params, principal }) {
        await service.cancelOffer(params.offer_id, requirePrincipal(principal))
        const offer = await service.readOffer(params.offer_id)
        return { status: 200, body: { offer_id: offer.offerId, card_id: offer.cardId, state: offer.state, expires_at: offer.expiresAt.toISOString() } }
      },
    }),
    lifeCycle('suspend', 'Suspend a card, from the next status epoch on'),
    lifeCycle('resume', 'End the suspension of a card'),
    lifeCycle('revoke', 'Revoke a card for good'),
    defineRoute({
      method: 'post', path: '/v1/cards/:card_id/reissue', tag: 'Cards', summary: 'Offer a new card in place of one',
      description: 'The old card is revoked when the new one is issued.',
      access: ['staff'], idempotent: true, params: cardParams, body: reasonBody, responses: { 201: newOfferSchema },
      async handle({ params, body, principal }) {
        return { status: 201, body: toWireOffer(await service.reissue(params.card_id, body.reason, requirePrincipal(principal))) }
      },
    }),
  ]
}
