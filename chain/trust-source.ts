import type { Kysely } from 'kysely'
import type { TrustSource } from '../agent/trust.ts'
import { cityStatusAt, toTrustedCity } from './city-status.ts'
import { toAccreditation, toRecognition } from './queries.ts'
import { toNumber } from './columns.ts'
import type { ChainTables } from './tables.ts'

export interface TrustSourceOptions {
  /** Milliseconds since 1970; default `Date.now`. Decides whether a city's suspension still runs. */
  readonly clock?: () => number
}

/** What a verifier must know about issuers, answered from the index alone. */
export function createTrustSource(db: Kysely<ChainTables>, { clock = Date.now }: TrustSourceOptions = {}): TrustSource {
  return {
    async findAccreditations(thumbprint, credentialType) {
      const rows = await db
        .selectFrom('chain_accreditations')
        .selectAll()
        .where('thumbprint', '=', thumbprint)
        .where('credential_type', '=', credentialType)
        .orderBy('block_number')
        .orderBy('log_index')
        .execute()
      return rows.map(toAccreditation)
    },

    async findCity(locode) {
      const row = await db.selectFrom('chain_cities').selectAll().where('locode', '=', locode).executeTakeFirst()
      return row && toTrustedCity(row, Math.floor(clock() / 1000))
    },

    async findRecognition(recogniser, issuer, credentialType) {
      const row = await db
        .selectFrom('chain_recognitions')
        .selectAll()
        .where('recogniser', '=', recogniser)
        .where('issuer', '=', issuer)
        .where('credential_type', '=', credentialType)
        .where('withdrawn', '=', false)
        .executeTakeFirst()
      return row && toRecognition(row)
    },

    async listAcceptedTypes(recogniser, atSeconds) {
      const cities = await db.selectFrom('chain_cities').selectAll().execute()
      const active = new Set(cities.filter((city) => cityStatusAt(city, atSeconds) === 'active').map((city) => city.locode))
      const own = await db
        .selectFrom('chain_accreditations')
        .select(['city as locode', 'credential_type', 'untrusted_from'])
        .where('city', '=', recogniser)
        .where('valid_from', '<=', atSeconds)
        .where('valid_until', '>=', atSeconds)
        .execute()
      const recognised = await db
        .selectFrom('chain_recognitions')
        .select(['issuer as locode', 'credential_type'])
        .where('recogniser', '=', recogniser)
        .where('withdrawn', '=', false)
        .where('valid_until', '>=', atSeconds)
        .execute()
      const trusted = own.filter((row) => row.untrusted_from === null || atSeconds < toNumber(row.untrusted_from))
      const accepted = new Map<string, { locode: string; credentialType: string }>()
      for (const { locode, credential_type: credentialType } of [...trusted, ...recognised]) {
        if (active.has(locode)) accepted.set(`${locode} ${credentialType}`, { locode, credentialType })
      }
      return [...accepted.values()].sort((a, b) => `${a.locode} ${a.credentialType}`.localeCompare(`${b.locode} ${b.credentialType}`))
    }
  }
}
