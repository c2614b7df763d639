import { randomBytes } from 'node:crypto'
import express, { type Express } from 'express'
import type { Kysely } from 'kysely'
import type { DestinationStream } from 'pino'
import { currentDeployment } from '../chain/contract-book.ts'
import { findDecision } from '../chain/decisions.ts'
import { readDeployment } from '../chain/deployment.ts'
import { createTrustHistory } from '../chain/history.ts'
import { findHeadBlock } from '../chain/index-position.ts'
import { createIndexer, type Indexer } from '../chain/indexer/indexer.ts'
import { createOutbox, type Outbox } from '../chain/outbox/outbox.ts'
import { isMerchant, listAnchors } from '../chain/queries.ts'
import { createRpcProvider } from '../chain/rpc.ts'
import { createStatusHomes } from '../chain/status-homes.ts'
import type { ChainTables } from '../chain/tables.ts'
import { createAuditRoutes } from './audit/routes.ts'
import { actsLog, createAuditService } from './audit/service.ts'
import { createAuditStore } from './audit/store.ts'
import { createDemoSteps } from './city/demo.ts'
import { openCity, type OpenCity } from './city/open-city.ts'
import { createMerchantRenewal } from './city/merchant-renewal.ts'
import { createRegistrationSteps, listOpenSteps, type RegistrationStep } from './city/registration.ts'
import { ControlError } from './city/control.ts'
import { createGovernanceChain } from './city/governance-chain.ts'
import { createFederationRoutes } from './federation/routes.ts'
import { createFederationService } from './federation/service.ts'
import { createGovernanceRoutes } from './governance/routes.ts'
import { createGovernanceService } from './governance/service.ts'
import { createGovernanceStore } from './governance/store.ts'
import { createIssuance } from './issuance/issuance.ts'
import { createOpenDataRoutes } from './open-data/routes.ts'
import { createOpenDataService } from './open-data/service.ts'
import { createOpenDataStore } from './open-data/store.ts'
import { createMerchantRoutes } from './merchants/routes.ts'
import { createMerchantsService } from './merchants/service.ts'
import { createMerchantStore } from './merchants/store.ts'
import { registrationKey } from './merchants/types.ts'
import { createAccounts } from './platform/auth/accounts.ts'
import { createEmbeddedProvider, embeddedClientId } from './platform/auth/embedded-provider.ts'
import { loginRoutes, mountLogin } from './platform/auth/login.ts'
import { sweepOidcRecords } from './platform/auth/oidc-adapter.ts'
import { cookieName, createSessions } from './platform/auth/sessions.ts'
import { createChainIndex } from './city/chain-index.ts'
import { chainTables, createChainSender } from './platform/chain-sender.ts'
import type { CityConfig } from './platform/config.ts'
import { ping, type Db } from './platform/database.ts'
import { createDocumentationRoutes } from './platform/docs-page.ts'
import { createHealthRoutes } from './platform/health.ts'
import { sweepIdempotency } from './platform/idempotency.ts'
import { createJobRunner, type Job } from './platform/jobs.ts'
import { createRateLimits } from './platform/limits.ts'
import { createOpenApi, type OpenApiDocument } from './platform/openapi.ts'
import { createPatientSender } from './platform/patient-sender.ts'
import { createErrorHandler, notFound } from './platform/problems.ts'
import type { RoomDependencies } from './city/types.ts'
import type { RouteDefinition } from './platform/route.ts'
import { mountRoutes } from './platform/router.ts'
import { securityHeaders } from './platform/security-headers.ts'
import { mountStaticApps } from './platform/static-apps.ts'
import { createLogger, createMetrics, logRequests, type Logger } from './platform/telemetry.ts'
import { createResidentRoutes } from './residents/routes.ts'
import { createResidentsService, type ResidentsService } from './residents/service.ts'
import { createResidentStore } from './residents/store.ts'
import { createNoteKeys } from './rewards/note-keys.ts'
import { createRewardRoutes } from './rewards/routes.ts'
import { createRewardsService } from './rewards/service.ts'
import { createRewardStore } from './rewards/store.ts'
import { createTrust } from './trust/trust.ts'
import { createVerification } from './verification/verification.ts'

const DEMO_ACCOUNTS = [
  { login: 'officer', name: 'Enrolment officer', roles: ['staff', 'federation'] },
  { login: 'councillor', name: 'Councillor', roles: ['staff', 'federation', 'auditor'] },
  { login: 'gate', name: 'Service operator', roles: ['operator'] },
  { login: 'cafe', name: 'Café', roles: [] },
] as const
/** More than one for each day of the five years that the record reaches back. */
const PUBLISHED_ANCHORS = 10_000
/** Oldest status with which a card opens the points of its own city, in seconds. */
const OWN_STATUS_AGE_SECONDS = 7 * 86_400

export interface CityServiceOptions {
  readonly clock?: () => Date
  readonly logDestination?: DestinationStream
  /** A database that is open already; the caller closes it. */
  readonly db?: Db
}

/** One city's service, put together. */
export interface CityService {
  readonly app: Express
  readonly routes: readonly RouteDefinition[]
  readonly openApi: OpenApiDocument
  readonly city: OpenCity
  readonly logger: Logger
  readonly outbox: Outbox
  readonly indexer: Indexer
  /** Starts jobs, outbox and index. The chain may be away. */
  start(): Promise<void>
  /** Answers `not ready` from now on. */
  beginShutdown(): void
  stop(): Promise<void>
}

/** Joins all rooms. The only place that knows every one of them. */
export async function createCityService(config: CityConfig, options: CityServiceOptions = {}): Promise<CityService> {
  const clock = options.clock ?? (() => new Date())
  const logger = createLogger({ level: config.logLevel, locode: config.locode }, options.logDestination)
  const metrics = createMetrics(config.locode)
  const deployment = await readDeployment(config.deploymentFile)
  const city = await openCity(config, clock, options.db)
  const { db, secrets, settings, agent, trust, status, identity, control } = city
  const tables: Kysely<ChainTables> = chainTables(db)
  const onError = (error: unknown): void => {
    // A new controller's turn comes when the old one's calls are settled.
    if (error instanceof Error && error.cause instanceof ControlError) return
    logger.warn({ err: error }, 'the chain is not reachable or refused')
  }

  const provider = createRpcProvider({ rpcUrl: config.rpcUrl })
  const outbox = createOutbox({
    db: tables, provider, deployment, onError, clock: () => clock().getTime(),
    // An embedded database has no other worker: after a kill the lease is this one's own, and need not run out.
    ...(config.database.kind === 'pglite' ? { worker: 'embedded' } : {}),
    signers: {
      async addressOf(account) {
        await control.requireTurn(account)
        return await agent.keys.addressOf(account)
      },
      signTransaction: async (account, transaction) => await agent.keys.signTransaction(account, transaction),
    },
    onResolved: ({ key, state, code }) => {
      if (state === 'failed') logger.warn({ call: key.split(':')[0], code }, 'the chain refused a call')
    },
  })
  const indexer = createIndexer({
    db: tables, provider, deployment, onError,
    onRollback: (blocks) => logger.warn(blocks, 'the chain took blocks back: the index follows, and what was sent in them is sent again'),
    ...(config.rpcWitnessUrl === undefined ? {} : { witness: createRpcProvider({ rpcUrl: config.rpcWitnessUrl }) }),
  })
  const chain = createChainSender(db, outbox, async (account) => await control.sendingAccount(account))
  const index = createChainIndex(db, deployment)
  const position = { db: tables, provider, deployment }
  const statusHomes = createStatusHomes(position)
  const sender = createPatientSender({ chain, clock, indexedBlock: async () => (await findHeadBlock(position))?.number })
  const history = createTrustHistory({ db: tables, deployment, provider, clock: () => clock().getTime() })

  const late: { residents: ResidentsService | undefined } = { residents: undefined }
  const residentsOf = (): ResidentsService => {
    if (late.residents === undefined) throw new TypeError('residents are asked for before they are there')
    return late.residents
  }
  const acts = createAuditStore(db, clock)
  const record = createAuditService({
    store: acts, sender, locode: config.locode, clock, random: randomBytes,
    listPublished: async () => (await listAnchors(tables, { city: config.locode, limit: PUBLISHED_ANCHORS })).filter(({ log }) => log === actsLog)
      .map(({ size, root, anchoredAtSeconds }) => ({ actId: size, root, anchoredAt: new Date(anchoredAtSeconds * 1000) })),
  })
  const room: RoomDependencies = {
    db, config, identity, agent, chain, trust, status, statusHomes, acts, secrets, settings, logger, metrics, clock, residents: residentsOf,
  }
  const issuance = createIssuance(room)
  const verification = createVerification(room)
  const residents = createResidentsService({
    db, store: createResidentStore(db, secrets), acts, findResidentByCardNumber: async (cardNumber) => await issuance.cards.findResident(cardNumber), clock,
  })
  late.residents = residents

  const rewards = createRewardsService({
    db, store: createRewardStore(db), acts, keys: createNoteKeys(agent.keys), chain, index, identity, clock,
    cipherOf: async (residentId) => await residents.cipherOf(residentId),
    findResidentByCardNumber: async (cardNumber) => await issuance.cards.findResident(cardNumber),
    holdsActiveCard: async (residentId) => (await issuance.cards.listCards([residentId])).get(residentId)?.some(({ state }) => state === 'active') === true,
    verifyOwnCard: async (presentation, nonce) => await agent.verifyCard({
      presentation, format: 'dc+sd-jwt', audience: identity.publicUrl, nonce, verifierCity: identity.locode,
      policy: { maxStatusAgeSeconds: OWN_STATUS_AGE_SECONDS },
    }),
    onSigned: (notes) => metrics.notesSigned.inc(notes),
  })

  const openData = createOpenDataService({ store: createOpenDataStore(db), history })
  const trustLists = createTrust({
    db, history, identity, clock, keys: agent.keys, decisions: { findDecision: async (place, index) => await findDecision(index, place) },
  })

  const governance = createGovernanceService({
    db, chain, control, clock, locode: config.locode, store: createGovernanceStore(db, secrets),
    governance: createGovernanceChain({ db: tables, provider, deployment, clock }),
  })

  const secure = config.publicUrl.startsWith('https:')
  const limits = createRateLimits(config.rateLimitFactor)
  const sessions = createSessions({ db, secrets, locode: config.locode, secure, clock })
  const accounts = createAccounts(db, secrets, clock)
  const embedded = config.oidc === undefined
    ? await createEmbeddedProvider({
        db, secrets, settings, accounts, clock, logger, publicUrl: config.publicUrl, locode: config.locode, cityName: config.cityName,
        trustProxy: config.trustProxyHops > 0, limit: limits.credential,
      })
    : undefined
  for (const account of DEMO_ACCOUNTS) {
    const password = config.demoPasswords.get(account.login)
    if (embedded !== undefined && password !== undefined) await accounts.create(account, password, { replace: true })
  }

  const merchants = createMerchantsService({
    db, store: createMerchantStore(db, secrets), keys: agent.keys, chain, index, locode: config.locode, clock,
    findProgram: async (programId) => await rewards.findProgram(programId),
    createLogin: embedded === undefined ? undefined : async (login, name) => await accounts.createWithFirstPassword({ login, name, roles: [] }),
    endSessionsOf: async (merchantId) => await sessions.endOfMerchant(merchantId),
    onPayment: (outcome) => metrics.payments.inc({ outcome }),
  })

  const isActive = async (): Promise<boolean> => (await trust.findCity(config.locode))?.status === 'active'
  const steps = registrationSteps()
  const registration = createRegistration(steps, [issuance, verification], logger)
  const isStopping = { value: false }
  const readiness = {
    database: async () => await ping(db).then(() => 'up' as const, () => 'down' as const),
    chain: async () => {
      const { state, error } = indexer.status()
      if (error?.code === 'ERR_CHAIN_DISAGREEMENT') return 'disputed' as const
      return state === 'running' ? 'up' as const : 'down' as const
    },
    openSteps: registration.openSteps,
    isStopping: () => isStopping.value,
  }

  const sessionCookie = cookieName(config.locode, secure, 'staff')
  const documented: RouteDefinition[] = []
  const document = { value: undefined as OpenApiDocument | undefined }
  const openApi = (): OpenApiDocument => document.value ??= createOpenApi(
    [...documented, ...loginRoutes], { cityName: config.cityName, publicUrl: config.publicUrl, sessionCookie })
  documented.push(
    ...createHealthRoutes(readiness, metrics, config.metricsToken),
    ...createFederationRoutes(createFederationService(tables, deployment), {
      identity, env: config.env, chainId: deployment.chainId, statusEpochSeconds: config.statusEpochSeconds,
    }),
    ...createGovernanceRoutes(governance),
    ...trustLists.routes,
    ...createAuditRoutes(acts, record),
    ...createResidentRoutes(residents, issuance.cards, rewards),
    ...issuance.routes,
    ...verification.routes,
    ...createRewardRoutes(rewards, config.locode, clock),
    ...createMerchantRoutes(merchants, {
      publicUrl: config.publicUrl, locode: config.locode, findProgram: async (programId) => await rewards.findProgram(programId),
    }),
    ...createOpenDataRoutes(openData, {
      identity, chainId: deployment.chainId, directory: deployment.contracts.Directory, deployedAtBlock: deployment.deployedAtBlock,
    }),
    ...createDocumentationRoutes(openApi, config.cityName),
  )

  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', config.trustProxyHops)
  app.set('query parser', 'simple')
  app.use(logRequests(logger), metrics.requests, ...securityHeaders({ secure, allowLocalhost: config.env !== 'production' }))
  mountRoutes(app, documented, {
    db, secrets, sessions, limits, checkResponses: config.env === 'test',
    bearers: new Map([['points', async (token: string) => {
      const residentId = await rewards.findSession(token)
      return residentId === undefined ? undefined : { subject: residentId }
    }]]),
  })
  mountLogin(app, {
    sessions, secrets, publicUrl: config.publicUrl, locode: config.locode, limit: limits.public,
    oidc: config.oidc ?? { issuer: embedded?.issuer ?? '', clientId: embeddedClientId, clientSecret: embedded?.clientSecret, rolesClaim: 'roles', ownsLogins: true },
    findMerchantOf: async (account) => await merchants.findMerchantIdOf(account),
  })
  embedded?.mount(app)
  mountStaticApps(app, config)
  app.use(notFound)
  app.use(createErrorHandler(config.cityName))

  metrics.gauge('symbolon_outbox_waiting', 'Calls on their way to the chain', async () => {
    const depth = await outbox.depth()
    return depth.queued + depth.sent
  })
  metrics.gauge('symbolon_index_block', 'Last block in the index', async () => indexer.status().block ?? Number.NaN)

  const jobs: Job[] = [
    { name: 'registration', everySeconds: 1, run: async () => await registration.advance() },
    { name: 'control', everySeconds: 1, run: async () => await governance.followHandOver() },
    { name: 'payments', everySeconds: 1, run: async () => await merchants.followPayments() },
    { name: 'merchants', everySeconds: 5, run: createMerchantRenewal({
      ...position, chain, sender, locode: config.locode, isActive,
      listRegistered: async () => (await merchants.listMerchants()).map(({ merchantId, address }) => ({ address, key: registrationKey(merchantId) })),
    }) },
    {
      name: 'anchor', everySeconds: 10,
      run: async () => { if ((await registration.openSteps()).length === 0) await record.anchor() },
    },
    { name: 'sweep', everySeconds: 300, run: async (now) => await sweep(now) },
    ...issuance.jobs,
    ...verification.jobs,
  ]
  const runner = createJobRunner(jobs, { db, clock, logger, metrics })

  async function sweep(now: Date): Promise<void> {
    await sessions.sweep(now)
    await sweepOidcRecords(db, now)
    await sweepIdempotency(db, now)
    await rewards.sweep(now)
    await acts.sweep()
  }

  function registrationSteps(): readonly RegistrationStep[] {
    const findCity = async (locode: string) => await trust.findCity(locode)
    const accepted = createRegistrationSteps({
      identity, sender, clock, recognise: config.recognise,
      index: {
        findCity,
        isAccredited: async (thumbprint, credentialType) => (await trust.findAccreditations(thumbprint, credentialType)).length > 0,
        isRecognised: async (issuer, credentialType) => await trust.findRecognition(config.locode, issuer, credentialType) !== undefined,
      },
    })
    if (config.demoProgram === undefined) return accepted
    const rewardPrograms = async (): Promise<string> => (await currentDeployment(tables, deployment)).contracts.RewardPrograms
    return [...accepted, ...createDemoSteps({
      locode: config.locode, programName: config.demoProgram, merchantName: `Café ${config.cityName}`, merchantLogin: 'cafe', rewards, merchants, clock,
      contract: rewardPrograms,
      isActive,
      isMerchantOnChain: async (merchantId) => {
        const merchant = await merchants.findMerchant(merchantId)
        return merchant !== undefined && await isMerchant(tables, config.locode, merchant.address, await rewardPrograms())
      },
    })]
  }

  return {
    app, routes: documented, openApi: openApi(), city, logger, outbox, indexer,
    async start() {
      await indexer.start()
      outbox.start()
      runner.start()
    },
    beginShutdown() {
      isStopping.value = true
    },
    async stop() {
      isStopping.value = true
      await runner.stop()
      await outbox.stop()
      await indexer.stop()
      if (options.db === undefined) await db.destroy()
    },
  }
}

/** Follows the city's registration: once all is done it stays done for this process. */
function createRegistration(steps: readonly RegistrationStep[], rooms: readonly { openSteps(): Promise<readonly string[]> }[], logger: Logger) {
  let isDone = false
  const named = (open: readonly RegistrationStep[]): string[] => open.filter((step) => !step.optional).map((step) => step.name)
  return {
    async openSteps(): Promise<readonly string[]> {
      if (isDone) return []
      const open = [...named(await listOpenSteps(steps)), ...(await Promise.all(rooms.map((room) => room.openSteps()))).flat()]
      isDone = open.length === 0
      return open
    },
    async advance(): Promise<void> {
      for (const step of await listOpenSteps(steps)) {
        logger.debug({ step: step.name }, 'registration goes on')
        await step.act()
      }
    },
  }
}
