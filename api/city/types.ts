import type { CityAgent } from '../../agent/agent.ts'
import type { StatusSource, TrustSource } from '../../agent/trust.ts'
import type { StatusHomes } from '../../chain/status-homes.ts'
import type { CityIdentity } from './identity.ts'
import type { StaffActs } from '../audit/types.ts'
import type { ResidentsService } from '../residents/service.ts'
import type { ChainSender } from '../platform/chain-sender.ts'
import type { CityConfig } from '../platform/config.ts'
import type { Db } from '../platform/database.ts'
import type { Job } from '../platform/jobs.ts'
import type { RouteDefinition } from '../platform/route.ts'
import type { Secrets } from '../platform/secrets.ts'
import type { Settings } from '../platform/settings.ts'
import type { Logger, Metrics } from '../platform/telemetry.ts'

/** What `app.ts` hands to a feature that needs most of the platform. */
export interface RoomDependencies {
  readonly db: Db
  readonly config: CityConfig
  readonly identity: CityIdentity
  readonly agent: CityAgent
  readonly chain: ChainSender
  readonly trust: TrustSource
  readonly status: StatusSource
  readonly statusHomes: StatusHomes
  readonly acts: StaffActs
  readonly secrets: Secrets
  readonly settings: Settings
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: () => Date
  /** Asked for late: residents and cards know each other. */
  readonly residents: () => Pick<ResidentsService, 'read' | 'cipherOf'>
}

/** What a feature gives back. */
export interface Room {
  readonly routes: readonly RouteDefinition[]
  readonly jobs: readonly Job[]
  /** Names of what is still open before the city can serve. */
  openSteps(): Promise<readonly string[]>
}
