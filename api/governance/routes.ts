import { defineRoute, requirePrincipal, type Principal, type RouteDefinition } from '../platform/route.ts'
import type { GovernanceService } from './service.ts'
import type { Officer } from './types.ts'
import { controlSchema, draftBody, draftParams, draftSchema, draftsSchema, parseAction, rehearsalSchema, toWireDraft, toWireRehearsal } from './wire.ts'

/** How officers propose, vote and act for their city: one drafts, another approves. */
export function createGovernanceRoutes(service: GovernanceService): readonly RouteDefinition[] {
  const common = { tag: 'Governance', access: ['federation'] } as const
  return [
    defineRoute({
      ...common, method: 'post', path: '/v1/governance/rehearsals', summary: 'Try an action as the chain stands now; nothing is kept or sent',
      body: draftBody, responses: { 200: rehearsalSchema },
      handle: async ({ body }) => ({ status: 200, body: toWireRehearsal(await service.rehearse(parseAction(body.action), textOf(body))) }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/v1/governance/drafts', summary: 'Draft an action of the city for another officer to approve', idempotent: true,
      description: 'The action is rehearsed first and refused if the chain would refuse it. Descriptions and reasons are public for ever once sent.',
      body: draftBody, responses: { 201: draftSchema },
      prepare: async ({ body }) => await service.prepareDraft(parseAction(body.action), textOf(body)),
      async handle({ body, principal }) {
        const officer = officerOf(principal)
        return { status: 201, body: toWireDraft(await service.draft(officer, parseAction(body.action), textOf(body)), officer) }
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/v1/governance/drafts', summary: 'Drafts and what became of them, the newest first', responses: { 200: draftsSchema },
      async handle({ principal }) {
        const officer = officerOf(principal)
        return { status: 200, body: { drafts: (await service.list()).map((draft) => toWireDraft(draft, officer)) } }
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/v1/governance/drafts/:draft_id', summary: 'A draft', params: draftParams, responses: { 200: draftSchema },
      handle: async ({ params, principal }) => ({ status: 200, body: toWireDraft(await service.read(params.draft_id), officerOf(principal)) }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/v1/governance/drafts/:draft_id/approve', summary: 'Approve another officer\'s draft: it is sent with the city\'s key',
      idempotent: true, params: draftParams, responses: { 200: draftSchema },
      prepare: async ({ params, principal }) => await service.prepareApproval(officerOf(principal), params.draft_id),
      async handle({ params, principal, prepared }) {
        const officer = officerOf(principal)
        return { status: 200, body: toWireDraft(await service.approve(officer, params.draft_id, prepared), officer) }
      },
    }),
    defineRoute({
      ...common, method: 'post', path: '/v1/governance/drafts/:draft_id/withdraw', summary: 'Take a draft back before it is approved', params: draftParams,
      responses: { 200: draftSchema },
      async handle({ params, principal }) {
        const officer = officerOf(principal)
        return { status: 200, body: toWireDraft(await service.withdraw(officer, params.draft_id), officer) }
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/v1/governance/control', summary: 'The keys with which this service acts for the city', responses: { 200: controlSchema },
      async handle() {
        const { current, next, isHandingOver } = await service.readControl()
        return { status: 200, body: { controller: current.address, ...(next === undefined ? {} : { next: next.address }), handing_over: isHandingOver } }
      },
    }),
  ]
}

function textOf(body: { readonly description?: string | undefined; readonly reason?: string | undefined }): string {
  return body.description ?? body.reason ?? ''
}

function officerOf(principal: Principal | undefined): Officer {
  const { issuer, subject, name } = requirePrincipal(principal)
  return { issuer, subject, name }
}
