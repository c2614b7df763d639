import { createAgent, type CityAgent } from '../../agent/agent.ts'
import { jwkThumbprint } from '../../agent/keys/key-material.ts'
import type { StatusSource, TrustSource } from '../../agent/trust.ts'
import { createStatusSource } from '../../chain/status-source.ts'
import { createTrustSource } from '../../chain/trust-source.ts'
import { allMigrations } from '../migrations.ts'
import { chainTables } from '../platform/chain-sender.ts'
import type { CityConfig } from '../platform/config.ts'
import { migrate, openDatabase, type Db } from '../platform/database.ts'
import { createDidStore } from '../platform/did-store.ts'
import { createKeyStore } from '../platform/key-store.ts'
import { createSecrets, type Secrets } from '../platform/secrets.ts'
import { createSettings, type Settings } from '../platform/settings.ts'
import { createCityControl, type OwnCityControl } from './control.ts'
import { ensureCityIdentity, type CityIdentity } from './identity.ts'

/** A city's database, brought up to date, with its agent and identity. */
export interface OpenCity {
  readonly db: Db
  readonly secrets: Secrets
  readonly settings: Settings
  readonly agent: CityAgent
  readonly trust: TrustSource
  readonly status: StatusSource
  readonly identity: CityIdentity
  readonly control: OwnCityControl
}

/** Opens the city's data; at the first time makes its keys. Needs no chain and no network. */
export async function openCity(config: CityConfig, clock: () => Date, given?: Db): Promise<OpenCity> {
  const db = given ?? openDatabase(config.database)
  try {
    await migrate(db, allMigrations)
    const secrets = createSecrets(config.keyEncryptionKey)
    const settings = createSettings(db, secrets)
    const trust = createTrustSource(chainTables(db), { clock: () => clock().getTime() })
    const status = createStatusSource(chainTables(db))
    const agent = createAgent({
      keyStore: createKeyStore(db), didStore: createDidStore(db), keyEncryptionKey: secrets.derive('agent-keys'),
      trustSource: trust, statusSource: status, clock: () => Math.floor(clock().getTime() / 1000),
    })
    const control = createCityControl(db, agent.keys)
    const identity = await ensureCityIdentity({
      agent, settings, locode: config.locode, cityName: config.cityName, publicUrl: config.publicUrl, clock, thumbprintOf: jwkThumbprint,
      controllerAddress: () => control.address(),
    })
    await control.read()
    return { db, secrets, settings, agent, trust, status, identity, control }
  } catch (error) {
    // What went wrong first is what is told.
    if (given === undefined) await db.destroy().catch(() => undefined)
    throw error
  }
}
