import type { CityIdentity } from '../city/identity.ts'
import { answerCacheable, notModified } from '../platform/conditional.ts'
import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { FederationService } from './service.ts'
import {
  citySchema, directorySchema, federationSchema, memberParams, memberWithHistorySchema, membersSchema, netsSchema, pausesSchema, proposalParams, proposalsQuery,
  proposalsSchema, proposalWithVotesSchema, toWireDirectory, toWireFederation, toWireMember, toWireMemberWithHistory, toWireNets, toWirePauses, toWireProposal,
  toWireVote,
} from './wire.ts'

export interface FederationRoutesOptions {
  readonly identity: CityIdentity
  readonly env: 'demo' | 'production' | 'test'
  readonly chainId: number
  readonly statusEpochSeconds: number
}

/** Who this city is, and how the federation governs itself. */
export function createFederationRoutes(service: FederationService, options: FederationRoutesOptions): readonly RouteDefinition[] {
  const { identity } = options
  const open = { method: 'get', tag: 'Federation', access: 'public', cors: true } as const
  const fresh = { maxAgeSeconds: 2 }
  return [
    defineRoute({
      ...open, path: '/v1/city', summary: 'This city', responses: { 200: citySchema },
      handle: async () => ({
        status: 200,
        headers: { 'cache-control': 'public, max-age=60' },
        body: {
          locode: identity.locode, name: identity.cityName, did: identity.did, public_url: identity.publicUrl, chain_id: options.chainId, env: options.env,
          status_epoch_seconds: options.statusEpochSeconds, controller: identity.controller, credential_type: identity.credentialType,
        },
      }),
    }),
    defineRoute({
      ...open, path: '/v1/federation', summary: 'Rules, seats, guardian and contracts of the federation', responses: { 200: federationSchema, 304: notModified },
      handle: async ({ headers }) => answerCacheable(headers, toWireFederation(await service.readFederation()), fresh),
    }),
    defineRoute({
      ...open, path: '/v1/federation/members', summary: 'Every city ever admitted', responses: { 200: membersSchema, 304: notModified },
      handle: async ({ headers }) => answerCacheable(headers, { members: (await service.listMembers()).map(toWireMember) }, fresh),
    }),
    defineRoute({
      ...open, path: '/v1/federation/members/:locode', summary: 'A member: how it came in, who voted, since when its keys count',
      params: memberParams, responses: { 200: memberWithHistorySchema, 304: notModified },
      handle: async ({ headers, params }) => answerCacheable(headers, toWireMemberWithHistory(await service.readMember(params.locode)), fresh),
    }),
    defineRoute({
      ...open, path: '/v1/federation/proposals', summary: 'Proposals, the newest first', query: proposalsQuery, responses: { 200: proposalsSchema, 304: notModified },
      async handle({ headers, query: { state, limit, offset } }) {
        const proposals = await service.listProposals({ limit, offset, ...(state === undefined ? {} : { state }) })
        return answerCacheable(headers, { proposals: proposals.map(toWireProposal) }, fresh)
      },
    }),
    defineRoute({
      ...open, path: '/v1/federation/proposals/:proposal_id', summary: 'A proposal: its actions in words, votes with reasons, state and times',
      params: proposalParams, responses: { 200: proposalWithVotesSchema, 304: notModified },
      async handle({ headers, params }) {
        const { proposal, votes } = await service.readProposal(params.proposal_id)
        return answerCacheable(headers, { ...toWireProposal(proposal), votes: votes.map(toWireVote) }, fresh)
      },
    }),
    defineRoute({
      ...open, path: '/v1/federation/pauses', summary: 'Pauses by the guardian', responses: { 200: pausesSchema, 304: notModified },
      handle: async ({ headers }) => answerCacheable(headers, toWirePauses(await service.listPauses()), fresh),
    }),
    defineRoute({
      ...open, path: '/v1/federation/directory', summary: 'Which contract stood under which name, and since when', responses: { 200: directorySchema, 304: notModified },
      handle: async ({ headers }) => answerCacheable(headers, toWireDirectory(await service.listDirectory()), fresh),
    }),
    defineRoute({
      ...open, path: '/v1/federation/nets', summary: 'What cities owe each other for points of shared programmes', responses: { 200: netsSchema, 304: notModified },
      handle: async ({ headers }) => answerCacheable(headers, toWireNets(await service.readNets()), fresh),
    }),
  ]
}
