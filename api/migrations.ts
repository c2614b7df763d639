import type { Migration } from 'kysely/migration'
import { chainMigrations } from '../chain/migrations.ts'
import { auditMigrations } from './audit/migrations.ts'
import { governanceMigrations } from './governance/migrations.ts'
import { issuanceMigrations } from './issuance/migrations.ts'
import { merchantMigrations } from './merchants/migrations.ts'
import { platformMigrations } from './platform/migrations.ts'
import { residentMigrations } from './residents/migrations.ts'
import { rewardMigrations } from './rewards/migrations.ts'
import { trustMigrations } from './trust/migrations.ts'
import { verificationMigrations } from './verification/migrations.ts'

/** Every room's migrations, applied together at each start. */
export const allMigrations: Readonly<Record<string, Migration>> = {
  ...platformMigrations,
  ...chainMigrations,
  ...residentMigrations,
  ...issuanceMigrations,
  ...rewardMigrations,
  ...merchantMigrations,
  ...verificationMigrations,
  ...governanceMigrations,
  ...auditMigrations,
  ...trustMigrations,
}
