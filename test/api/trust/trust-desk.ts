import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createAgent, type CityAgent } from '../../../agent/agent.ts'
import type { TrustRegister } from '../../../agent/trust-lists/trust-register.ts'
import { ensureCityIdentity, type CityIdentity } from '../../../api/city/identity.ts'
import { allMigrations } from '../../../api/migrations.ts'
import { chainTables } from '../../../api/platform/chain-sender.ts'
import { migrate, openDatabase, type Db } from '../../../api/platform/database.ts'
import { createKeyStore } from '../../../api/platform/key-store.ts'
import { createRateLimits } from '../../../api/platform/limits.ts'
import { createErrorHandler, notFound } from '../../../api/platform/problems.ts'
import type { RouteDefinition } from '../../../api/platform/route.ts'
import { mountRoutes } from '../../../api/platform/router.ts'
import { createSecrets } from '../../../api/platform/secrets.ts'
import { createSettings } from '../../../api/platform/settings.ts'
import { createTrust } from '../../../api/trust/trust.ts'
import { findDecision, type Decision } from '../../../chain/decisions.ts'
import { ChainError } from '../../../chain/errors.ts'
import type { Moment, TrustHistory } from '../../../chain/history.ts'
import { createMemoryDidStore } from '../../fakes/memory-did-store.ts'
import { createMemoryTrust } from '../../fakes/memory-trust.ts'

/** The trust lists of Porto over a register that the test writes, served over HTTP with every answer checked. */
export interface TrustDesk {
  readonly url: string
  readonly agent: CityAgent
  readonly identity: CityIdentity
  readonly routes: readonly RouteDefinition[]
  /** What the index says now. */
  register: TrustRegister | undefined
  /** What it said at each block of the past. */
  readonly past: Map<number, TrustRegister>
  readonly decisions: Map<string, Decision>
  readonly moments: (Moment | undefined)[]
  nowSeconds: number
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; headers: Headers; body: never }>
  post(path: string, body: unknown): Promise<{ status: number; headers: Headers; body: never }>
  close(): Promise<void>
}

/** Over a real index, in a database that somebody else closes. */
export interface IndexedDesk {
  readonly db: Db
  readonly history: TrustHistory
}

export async function openTrustDesk(startSeconds: number, indexed?: IndexedDesk): Promise<TrustDesk> {
  const db: Db = indexed?.db ?? openDatabase({ kind: 'memory' })
  if (indexed === undefined) await migrate(db, allMigrations)
  const keyEncryptionKey = randomBytes(32)
  const secrets = createSecrets(keyEncryptionKey)
  const trust = createMemoryTrust()
  const app = express()
  const server: Server = createServer(app)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  server.unref()
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const agent = createAgent({
    keyStore: createKeyStore(db), didStore: createMemoryDidStore(), keyEncryptionKey, trustSource: trust, statusSource: trust, clock: () => desk.nowSeconds,
  })
  const clock = () => new Date(desk.nowSeconds * 1000)
  const answer = async (response: Response) => {
    const text = await response.text()
    const isJson = (response.headers.get('content-type') ?? '').includes('json')
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as never }
  }
  const desk: TrustDesk = {
    url, agent, identity: undefined as unknown as CityIdentity, routes: [], register: undefined, past: new Map(), decisions: new Map(), moments: [], nowSeconds: startSeconds,
    get: async (path, headers = {}) => await answer(await fetch(`${url}${path}`, { headers })),
    post: async (path, body) => await answer(await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
      if (indexed === undefined) await db.destroy()
    },
  }
  const identity = await ensureCityIdentity({
    agent, settings: createSettings(db, secrets), locode: 'PTOPO', cityName: 'Porto', publicUrl: url, clock, thumbprintOf: () => 'unused',
  })
  Object.assign(desk, { identity })
  const at = async (moment?: Moment): Promise<TrustRegister> => {
    desk.moments.push(moment)
    if (desk.register === undefined) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'nothing is indexed')
    if (moment === undefined) return { ...desk.register, atSeconds: desk.nowSeconds }
    if ('timeSeconds' in moment) {
      if (moment.timeSeconds > desk.nowSeconds) throw new ChainError('ERR_CHAIN_BLOCK_AHEAD', 'not yet')
      const found = [...desk.past.values(), desk.register].findLast(({ block }) => block.timestampSeconds <= moment.timeSeconds)
      if (found === undefined) throw new ChainError('ERR_CHAIN_BLOCK_TOO_EARLY', 'before the beginning')
      return { ...found, atSeconds: moment.timeSeconds }
    }
    const found = desk.past.get(moment.block)
    if (found === undefined) throw new ChainError(moment.block > desk.register.block.number ? 'ERR_CHAIN_BLOCK_AHEAD' : 'ERR_CHAIN_BLOCK_TOO_EARLY', 'no such block')
    return found
  }
  const { routes } = createTrust({
    db, identity, keys: agent.keys, clock,
    decisions: { findDecision: async (place, tables) => (indexed === undefined ? desk.decisions.get(place.transactionHash) : await findDecision(tables, place)) },
    history: indexed?.history ?? { at: async (moment) => await at(moment), read: async (work) => await work({ at, tables: chainTables(db) }) },
  })
  Object.assign(desk, { routes })
  mountRoutes(app, routes, {
    db, secrets, limits: createRateLimits(1_000), bearers: new Map(), checkResponses: true,
    sessions: { authorise: () => Promise.reject(new TypeError('no route of these asks who calls')) },
  })
  app.get('/.well-known/did.json', async (_request, response) => { response.json(await agent.describeDid(identity.did)) })
  app.use(notFound)
  app.use(createErrorHandler('Porto'))
  return desk
}
