import { defineRoute, requirePrincipal, type RouteDefinition } from '../platform/route.ts'
import { pointsSessionSeconds, type RewardsService } from './service.ts'
import {
  awardBody, awardSchema, balanceSchema, challengeSchema, createProgramBody, programParams, programSchema, programsSchema, recoverBody,
  recoverSchema, redeemedQuery, redeemedSchema, residentParams, sessionBody, sessionSchema, toWireProgram, withdrawalBody, withdrawalSchema,
} from './wire.ts'

const NOTES_PER_PAGE = 1000
const points = { access: { bearer: 'points' }, cors: true, tag: 'Points' } as const

/** Programmes, awards and points. */
export function createRewardRoutes(service: RewardsService, city: string, clock: () => Date): readonly RouteDefinition[] {
  return [...programRoutes(service, city, clock), ...pointsRoutes(service)]
}

function programRoutes(service: RewardsService, city: string, clock: () => Date): readonly RouteDefinition[] {
  const tag = 'Programmes'
  return [
    defineRoute({
      method: 'get', path: '/v1/programs', tag, summary: 'The city\'s reward programmes', access: 'public', cors: true,
      responses: { 200: programsSchema },
      handle: async () => ({ status: 200, body: { programs: (await service.listPrograms()).map((program) => toWireProgram(program, city, clock())) } }),
    }),
    defineRoute({
      method: 'get', path: '/v1/programs/:program_id/redeemed-notes', tag, summary: 'Addresses of all redeemed notes, in the order of the chain',
      description: 'All of them, so that a wallet finds its own without naming them.',
      access: 'public', cors: true, params: programParams, query: redeemedQuery, responses: { 200: redeemedSchema },
      async handle({ params, query }) {
        const notes = await service.listSpentNotes(params.program_id, query.after, NOTES_PER_PAGE)
        return { status: 200, body: { notes, ...(notes.length < NOTES_PER_PAGE ? {} : { next: query.after + notes.length }) } }
      },
    }),
    defineRoute({
      method: 'post', path: '/v1/programs', tag, summary: 'Create and fund a programme', access: ['staff'], idempotent: true,
      body: createProgramBody, responses: { 201: programSchema },
      async handle({ body }) {
        const until = body.until.length === 10 ? `${body.until}T23:59:59Z` : body.until
        const program = await service.createProgram({ name: body.name, units: body.units, validUntil: new Date(until) })
        return { status: 201, body: toWireProgram(program, city, clock()) }
      },
    }),
    defineRoute({
      method: 'post', path: '/v1/residents/:resident_id/awards', tag, summary: 'Award points to a resident', access: ['staff'], idempotent: true,
      params: residentParams, body: awardBody, responses: { 201: awardSchema },
      async handle({ params, body, principal }) {
        const balance = await service.award({
          residentId: params.resident_id, programId: body.program_id, points: body.points, reason: body.reason,
        }, requirePrincipal(principal))
        return { status: 201, body: { program_id: body.program_id, points: body.points, balance } }
      },
    }),
  ]
}

function pointsRoutes(service: RewardsService): readonly RouteDefinition[] {
  return [
    defineRoute({
      ...points, method: 'get', path: '/v1/points/challenge', access: 'public', summary: 'A nonce to present a card over',
      responses: { 200: challengeSchema },
      handle: async () => ({ status: 200, body: { nonce: await service.createChallenge() } }),
    }),
    defineRoute({
      ...points, method: 'post', path: '/v1/points/sessions', access: 'public', rate: 'credential', summary: 'Open a points session by presenting a card',
      bodyLimitBytes: 160 * 1024, body: sessionBody, responses: { 201: sessionSchema },
      async handle({ body }) {
        const token = await service.openSession(body.presentation, body.nonce)
        return { status: 201, body: { access_token: token, token_type: 'Bearer', expires_in: pointsSessionSeconds } }
      },
    }),
    defineRoute({
      ...points, method: 'get', path: '/v1/points/balance', summary: 'Balances and history of the resident', responses: { 200: balanceSchema },
      async handle({ bearer }) {
        const residentId = bearer?.subject ?? ''
        const balances = await service.listBalances(residentId)
        const history = await service.listHistory(residentId)
        return {
          status: 200,
          body: {
            programs: balances.map(({ programId, name, balance }) => ({ program_id: programId, name, balance })),
            history: history.map((entry) => ({
              at: entry.at.toISOString(), program_id: entry.programId, points: entry.points, kind: entry.kind,
              ...(entry.reason === undefined ? {} : { reason: entry.reason }),
            })),
          },
        }
      },
    }),
    defineRoute({
      ...points, method: 'post', path: '/v1/points/withdrawals', idempotent: true, summary: 'Have notes signed blindly against the balance',
      body: withdrawalBody, responses: { 200: withdrawalSchema },
      async handle({ body, bearer }) {
        const signatures = await service.withdraw(bearer?.subject ?? '', body.program_id, body.notes)
        return { status: 200, body: { signatures: signatures.map(({ value, signature }) => ({ value, signature: Buffer.from(signature).toString('base64url') })) } }
      },
    }),
    defineRoute({
      ...points, method: 'post', path: '/v1/points/withdrawals/recover', summary: 'Signatures again, of values signed before',
      body: recoverBody, responses: { 200: recoverSchema },
      async handle({ body, bearer }) {
        const signatures = await service.recover(bearer?.subject ?? '', body.program_id, body.blinded)
        return { status: 200, body: { signatures: signatures.map((signature) => (signature === undefined ? null : Buffer.from(signature).toString('base64url'))) } }
      },
    }),
  ]
}
