import type { Selectable } from 'kysely'
import type { CityStatus, TrustedCity } from '../agent/trust.ts'
import { toNumber } from './columns.ts'
import type { CityTable } from './tables.ts'

/** Where a city stands at a time: a suspension includes its last second and then ends by itself. */
export function cityStatusAt(row: Selectable<CityTable>, atSeconds: number): CityStatus {
  const suspended = row.suspended_until !== null && atSeconds <= toNumber(row.suspended_until)
  return row.status === 'active' && suspended ? 'suspended' : row.status
}

export function toTrustedCity(row: Selectable<CityTable>, atSeconds: number): TrustedCity {
  const status = cityStatusAt(row, atSeconds)
  return {
    locode: row.locode,
    name: row.name,
    did: row.did,
    serviceUrl: row.service_url,
    status,
    suspensionReason: status === 'suspended' ? row.suspension_reason : 0
  }
}
