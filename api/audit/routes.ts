import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { AuditStore } from './store.ts'
import { actKinds } from './types.ts'
import type { AuditService } from './service.ts'
import { auditQuery, auditSchema, proofSchema, toPagePath, toWireAct, toWireProof } from './wire.ts'

/** What officers did to residents and cards, for whoever audits the city. */
export function createAuditRoutes(store: Pick<AuditStore, 'list'>, service: Pick<AuditService, 'verify'>): readonly RouteDefinition[] {
  return [
    defineRoute({
      method: 'get', path: '/v1/audit', tag: 'Audit',
      summary: 'Which officer looked a resident up, enrolled, offered, suspended, revoked, reissued or awarded points, the newest first',
      description: 'Officers by the pseudonym of their sign-in, residents and cards by identifiers that tell nothing of them. Only ever added to; each act is kept for five years. '
        + '`looked_up`: the officer was shown the resident, in the result of a search (reason `search`) or as a whole file (`file`); on record once for each officer, resident, way and day (UTC).',
      access: ['auditor'], query: auditQuery, responses: { 200: auditSchema },
      async handle({ query }) {
        const { before, limit, acts: kinds, resident_id: residentId } = query
        const acts = await store.list({
          before: before === undefined ? undefined : Number(before), limit, residentId,
          kinds: kinds === undefined ? undefined : actKinds.filter((kind) => kinds.split(',').includes(kind)),
        })
        const last = acts.at(-1)
        const next = last === undefined || acts.length < limit ? {} : { next: toPagePath(query, last.actId) }
        return { status: 200, body: { acts: acts.map(toWireAct), ...next } }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/audit/proof', tag: 'Audit', summary: 'Whether the record is what it was when it was anchored, and the first act that does not fit',
      description: 'Hashes all acts again, follows them from one to the next, and compares them with the roots that `Anchors` has. '
        + 'How to do so without this service stands in docs/officers-record.md.',
      access: ['auditor'], rate: 'credential', responses: { 200: proofSchema },
      handle: async () => ({ status: 200, body: toWireProof(await service.verify()) }),
    }),
  ]
}
