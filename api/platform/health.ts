import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { ApiError } from './errors.ts'
import { defineRoute, type RouteDefinition } from './route.ts'
import type { Metrics } from './telemetry.ts'

export type DependencyState = 'up' | 'down'

export interface Readiness {
  database(): Promise<DependencyState>
  /** `disputed`: two nodes tell different stories, and the index follows neither. */
  chain(): Promise<DependencyState | 'disputed'>
  /** Names of steps of the city's registration that are still open. */
  openSteps(): Promise<readonly string[]>
  isStopping(): boolean
}

const readySchema = z.object({
  status: z.enum(['ready', 'degraded', 'not_ready']),
  dependencies: z.object({ database: z.enum(['up', 'down']), chain: z.enum(['up', 'down', 'disputed']) }),
  registration: z.object({ done: z.boolean(), waiting_for: z.array(z.string()) }),
}).meta({ id: 'Readiness' })

/**
 * Health and metrics. Not ready: without the database, while the city is not registered, while stopping. A chain that is
 * away only degrades the service: issuing, verifying and awarding go on.
 */
export function createHealthRoutes(readiness: Readiness, metrics: Metrics, metricsToken: string | undefined): readonly RouteDefinition[] {
  const tag = 'Health'
  return [
    defineRoute({
      method: 'get', path: '/health/live', tag, summary: 'The process answers', access: 'public', rate: 'none',
      responses: { 200: z.object({ status: z.literal('live') }) },
      handle: async () => ({ status: 200, body: { status: 'live' } }),
    }),
    defineRoute({
      method: 'get', path: '/health/ready', tag, summary: 'Whether requests can be served, and what is missing', access: 'public', rate: 'none',
      responses: { 200: readySchema, 503: readySchema },
      async handle() {
        const database = await readiness.database()
        const chain = await readiness.chain()
        const waitingFor = database === 'up' ? await readiness.openSteps() : []
        const serves = database === 'up' && waitingFor.length === 0 && !readiness.isStopping()
        const status = !serves ? 'not_ready' : chain === 'up' ? 'ready' : 'degraded'
        const registration = { done: database === 'up' && waitingFor.length === 0, waiting_for: waitingFor }
        return { status: serves ? 200 : 503, body: { status, dependencies: { database, chain }, registration } }
      },
    }),
    defineRoute({
      method: 'get', path: '/metrics', tag, summary: 'Metrics for Prometheus', access: 'public', rate: 'none',
      responses: { 200: { mediaType: 'text/plain', description: 'Prometheus text format' } },
      async handle({ headers }) {
        if (metricsToken !== undefined && !sameText(headers.authorization ?? '', `Bearer ${metricsToken}`)) throw new ApiError('ERR_TOKEN_INVALID')
        return { status: 200, body: await metrics.registry.metrics(), mediaType: metrics.registry.contentType }
      },
    }),
  ]
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
