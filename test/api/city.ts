import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createAgent, type CityAgent } from '../../agent/agent.ts'
import { auditMigrations } from '../../api/audit/migrations.ts'
import { createAuditStore } from '../../api/audit/store.ts'
import { ensureCityIdentity, type CityIdentity } from '../../api/city/identity.ts'
import { createIssuance } from '../../api/issuance/issuance.ts'
import { issuanceMigrations } from '../../api/issuance/migrations.ts'
import type { CityConfig } from '../../api/platform/config.ts'
import { migrate, openDatabase, type Db } from '../../api/platform/database.ts'
import { createKeyStore } from '../../api/platform/key-store.ts'
import { createRateLimits } from '../../api/platform/limits.ts'
import { platformMigrations } from '../../api/platform/migrations.ts'
import { notFound, createErrorHandler } from '../../api/platform/problems.ts'
import type { RoomDependencies } from '../../api/city/types.ts'
import { mountRoutes } from '../../api/platform/router.ts'
import { createSecrets, type Secrets } from '../../api/platform/secrets.ts'
import { createSettings } from '../../api/platform/settings.ts'
import { createLogger, type Metrics } from '../../api/platform/telemetry.ts'
import { residentMigrations } from '../../api/residents/migrations.ts'
import { createResidentsService, type ResidentsService } from '../../api/residents/service.ts'
import { createResidentStore } from '../../api/residents/store.ts'
import { verificationMigrations } from '../../api/verification/migrations.ts'
import { createVerification } from '../../api/verification/verification.ts'
import { tinyJpeg } from '../agent/pictures.ts'
import { createFakeChain, type FakeChain } from '../fakes/city-chain.ts'
import { createMemoryDidStore } from '../fakes/memory-did-store.ts'
import { createMemoryTrust, type MemoryTrust } from '../fakes/memory-trust.ts'

export const cityMigrations = { ...platformMigrations, ...auditMigrations, ...residentMigrations, ...issuanceMigrations, ...verificationMigrations }

const START = Date.parse('2026-05-20T12:00:00Z')

export interface TestCity {
  readonly db: Db
  readonly url: string
  readonly agent: CityAgent
  readonly identity: CityIdentity
  readonly chain: FakeChain
  readonly trust: MemoryTrust
  readonly secrets: Secrets
  readonly residents: ResidentsService
  readonly issuance: ReturnType<typeof createIssuance>
  readonly deps: RoomDependencies
  now(): number
  pass(seconds: number): void
  runJob(name: string): Promise<void>
  enrol(names?: { givenName?: string; familyName?: string; birthDate?: string }): Promise<string>
  /** A request of somebody signed in at the desk. */
  staff(method: 'GET' | 'POST', path: string, body?: unknown, key?: string): Promise<{ status: number; body: Record<string, unknown> }>
  /** Everything in the log so far. */
  log(): string
  close(): Promise<void>
}

/** A city with real storage, keys, routes and HTTP; only clock and chain are fakes. */
export const createTestCity = async ({ listSize = 2 ** 14, epochSeconds = 5, wrapAgent = (agent) => agent, checkResponses = true, db: given }: {
  listSize?: number, epochSeconds?: number, wrapAgent?: (agent: CityAgent) => CityAgent, checkResponses?: boolean
  /** A database with `cityMigrations` that somebody else closes; one of its own unless given. */
  db?: Db
} = {}): Promise<TestCity> => {
  const clockState = { now: START }
  const clock = (): Date => new Date(clockState.now)
  const db = given ?? openDatabase({ kind: 'memory' })
  if (given === undefined) await migrate(db, cityMigrations)
  const chain = await createFakeChain(db, 'PTOPO', () => Math.floor(clockState.now / 1000))
  const trust = createMemoryTrust()
  const keyEncryptionKey = randomBytes(32)
  const secrets = createSecrets(keyEncryptionKey)
  const settings = createSettings(db, secrets)
  const agent = wrapAgent(createAgent({
    keyStore: createKeyStore(db), didStore: createMemoryDidStore(), keyEncryptionKey, trustSource: trust, statusSource: chain,
    clock: () => Math.floor(clockState.now / 1000),
  }))
  const lines: string[] = []
  const logger = createLogger({ level: 'debug', locode: 'PTOPO' }, { write: (line: string) => { lines.push(line) } })
  const app = express()
  const server: Server = createServer(app)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  server.unref()
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const identity = await ensureCityIdentity({ agent, settings, locode: 'PTOPO', cityName: 'Porto', publicUrl: url, clock, thumbprintOf: () => 'unused' })
  trust.cities.push({ locode: 'PTOPO', name: 'Porto', did: identity.did, serviceUrl: url, status: 'active', suspensionReason: 0 })
  trust.accreditations.push({
    locode: 'PTOPO', thumbprint: identity.issuerKid, publicJwk: identity.issuerJwk, credentialType: identity.credentialType,
    validFromSeconds: START / 1000 - 86_400, validUntilSeconds: START / 1000 + 400 * 86_400,
  })
  const acts = createAuditStore(db, clock)
  const residentStore = createResidentStore(db, secrets)
  const count = { inc: () => undefined }
  const deps: RoomDependencies = {
    db, identity, agent, chain, trust, status: chain, statusHomes: chain.homes, acts, secrets, settings, logger, clock,
    config: { statusEpochSeconds: epochSeconds } as CityConfig,
    metrics: { cardsIssued: count, verifications: count } as unknown as Metrics,
    residents: () => residents,
  }
  const issuance = createIssuance(deps, { listSize })
  const verification = createVerification(deps)
  const residents = createResidentsService({ db, store: residentStore, acts, findResidentByCardNumber: (number) => issuance.cards.findResident(number), clock })
  const staffPrincipal = { subject: 'officer', issuer: 'https://login.test', name: 'Officer', app: 'staff' as const, roles: ['staff' as const], merchantId: undefined }
  app.use((request, response, next) => {
    response.once('finish', () => { logger.info({ url: request.originalUrl, status: response.statusCode }, 'request') })
    next()
  })
  mountRoutes(app, [...issuance.routes, ...verification.routes], {
    db, secrets, limits: createRateLimits(1_000), bearers: new Map(), checkResponses,
    sessions: { authorise: async (request) => {
      const { ApiError } = await import('../../api/platform/errors.ts')
      if (request.headers.cookie !== 'staff') throw new ApiError('ERR_NOT_SIGNED_IN')
      return staffPrincipal
    } },
  })
  app.use(notFound)
  app.use(createErrorHandler('Porto'))
  const jobs = [...issuance.jobs, ...verification.jobs]

  return {
    db, url, agent, identity, chain, trust, secrets, residents, issuance, deps,
    now: () => Math.floor(clockState.now / 1000),
    pass: (seconds) => { clockState.now += seconds * 1000 },
    async runJob(name) {
      const job = jobs.find((one) => one.name === name)
      if (job === undefined) throw new Error(`no job ${name}`)
      await job.run(clock())
    },
    enrol: ({ givenName = 'Maria', familyName = 'Ferreira', birthDate = '1990-02-28' } = {}) =>
      residents.enrol({ givenName, familyName, birthDate, picture: tinyJpeg() }, { issuer: 'https://login.test', subject: 'officer' }),
    async staff(method, path, body, key = randomUUID()) {
      const response = await fetch(`${url}${path}`, {
        method, headers: { cookie: 'staff', 'content-type': 'application/json', 'idempotency-key': key }, ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
      })
      return { status: response.status, body: await response.json() as never }
    },
    log: () => lines.join(''),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
      if (given === undefined) await db.destroy()
    },
  }
}
