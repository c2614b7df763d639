import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { AuditStore } from './store.ts'
import { auditQuery, auditSchema, toWireAct } from './wire.ts'

/** What officers did to residents and cards, for whoever audits the city. */
export function createAuditRoutes(store: Pick<AuditStore, 'list'>): readonly RouteDefinition[] {
  return [
    defineRoute({
      method: 'get', path: '/v1/audit', tag: 'Audit', summary: 'Which officer enrolled, offered, suspended, revoked, reissued or awarded points, the newest first',
      description: 'Officers by the pseudonym of their sign-in, residents and cards by identifiers that tell nothing of them. Only ever added to; each act is kept for five years.',
      access: ['auditor'], query: auditQuery, responses: { 200: auditSchema },
      async handle({ query: { before, limit } }) {
        const acts = await store.list({ before: before === undefined ? undefined : Number(before), limit })
        const last = acts.at(-1)
        const next = last === undefined || acts.length < limit ? {} : { next: `/v1/audit?before=${last.actId}&limit=${limit}` }
        return { status: 200, body: { acts: acts.map(toWireAct), ...next } }
      },
    }),
  ]
}
