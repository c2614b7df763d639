import { defineRoute, requirePrincipal, type RouteDefinition } from '../platform/route.ts'
import type { ResidentsService } from './service.ts'
import type { ResidentCards, ResidentPoints } from './types.ts'
import { enrolBody, residentParams, residentSchema, searchBody, searchResultSchema, toWireResident } from './wire.ts'

const tag = 'Residents'

/** Routes of the enrolment desk. */
export function createResidentRoutes(service: ResidentsService, cards: ResidentCards, points: ResidentPoints): readonly RouteDefinition[] {
  return [
    defineRoute({
      method: 'post', path: '/v1/residents', tag, summary: 'Enrol a resident whose papers were inspected',
      access: ['staff'], idempotent: true, bodyLimitBytes: 1_500_000, body: enrolBody, responses: { 201: residentSchema },
      async handle({ body, principal }) {
        const residentId = await service.enrol({
          givenName: body.given_name.normalize('NFC'),
          familyName: body.family_name.normalize('NFC'),
          birthDate: body.birth_date,
          picture: new Uint8Array(Buffer.from(body.portrait.data, 'base64')),
        }, requirePrincipal(principal))
        const resident = await service.read(residentId)
        return { status: 201, body: { ...toWireResident(resident, []), points: [] } }
      },
    }),
    defineRoute({
      method: 'post', path: '/v1/residents/search', tag, summary: 'Find residents by family name, birth date or card number',
      description: 'That the officer was shown whom it finds is on record before it answers; what was searched for is not.',
      access: ['staff'], body: searchBody, responses: { 200: searchResultSchema },
      async handle({ body, principal }) {
        const query = { familyName: body.family_name, birthDate: body.birth_date, cardNumber: body.card_number }
        const found = await service.search(query, requirePrincipal(principal))
        const held = await cards.listCards(found.map((resident) => resident.residentId))
        return { status: 200, body: { residents: found.map((resident) => toWireResident(resident, held.get(resident.residentId) ?? [])) } }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/residents/:resident_id', tag, summary: 'Read a resident, with cards and points',
      description: 'That the officer opened the file is on record before it answers.',
      access: ['staff'], params: residentParams, responses: { 200: residentSchema },
      async handle({ params, principal }) {
        const resident = await service.open(params.resident_id, requirePrincipal(principal))
        const held = await cards.listCards([resident.residentId])
        const balances = await points.listBalances(resident.residentId)
        return {
          status: 200,
          body: {
            ...toWireResident(resident, held.get(resident.residentId) ?? []),
            points: balances.map(({ programId, name, balance }) => ({ program_id: programId, name, balance })),
          },
        }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/residents/:resident_id/portrait', tag, summary: 'The portrait of a resident',
      access: ['staff'], params: residentParams, responses: { 200: { mediaType: 'image/jpeg', description: 'JPEG or WebP' } },
      async handle({ params, principal }) {
        const { portrait } = await service.open(params.resident_id, requirePrincipal(principal))
        return { status: 200, body: portrait.bytes, mediaType: portrait.mediaType }
      },
    }),
  ]
}
