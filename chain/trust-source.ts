import type { Kysely, Selectable } from 'kysely'
import type { Accreditation, CityStatus, Recognition, TrustedCity, TrustSource } from '../agent/trust.ts'
import { toNumber, type AccreditationTable, type ChainTables, type CityTable, type RecognitionTable } from './tables.ts'

/** A city as the index knows it at the second `nowSeconds`: a suspension ends by itself. */
export function toTrustedCity(row: Selectable<CityTable>, nowSeconds: number): TrustedCity {
  const isSuspended = row.suspended_until !== null && toNumber(row.suspended_until) >= nowSeconds
  const status: CityStatus = row.status === 'active' && isSuspended ? 'suspended' : row.status
  return {
    locode: row.locode,
    did: row.did,
    serviceUrl: row.service_url,
    status,
    suspensionReason: status === 'suspended' ? row.suspension_reason : 0
  }
}

export function toAccreditation(row: Selectable<AccreditationTable>): Accreditation {
  return {
    locode: row.city,
    thumbprint: row.thumbprint,
    publicJwk: { kty: 'EC', crv: 'P-256', x: row.x, y: row.y },
    credentialType: row.credential_type,
    validFromSeconds: toNumber(row.valid_from),
    validUntilSeconds: toNumber(row.valid_until),
    ...(row.untrusted_from === null ? {} : { untrustedFromSeconds: toNumber(row.untrusted_from) })
  }
}

export function toRecognition(row: Selectable<RecognitionTable>): Recognition {
  return {
    recogniser: row.recogniser,
    issuer: row.issuer,
    credentialType: row.credential_type,
    benefitClasses: setBits(BigInt(String(row.benefit_classes))),
    validUntilSeconds: toNumber(row.valid_until)
  }
}

/** The places of the bits that are set, lowest first. */
function setBits(bitmap: bigint): number[] {
  const places: number[] = []
  for (let place = 0; bitmap >> BigInt(place) > 0n; place += 1) {
    if ((bitmap >> BigInt(place)) & 1n) places.push(place)
  }
  return places
}

/** Answers what a verifier must know about issuers from the city's own index: no JSON-RPC, no other city. */
export function createTrustSource(
  db: Kysely<ChainTables>,
  { clock = Date.now }: { /** Milliseconds since 1970. */ readonly clock?: () => number } = {}
): TrustSource {
  const nowSeconds = (): number => Math.floor(clock() / 1000)
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
      return row && toTrustedCity(row, nowSeconds())
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
      const own = db
        .selectFrom('chain_accreditations')
        .select(['city as locode', 'credential_type as credentialType'])
        .where('city', '=', recogniser)
        .where('valid_until', '>=', atSeconds)
        .where((eb) => eb.or([eb('untrusted_from', 'is', null), eb('untrusted_from', '>', atSeconds)]))
      const recognised = db
        .selectFrom('chain_recognitions')
        .select(['issuer as locode', 'credential_type as credentialType'])
        .where('recogniser', '=', recogniser)
        .where('withdrawn', '=', false)
        .where('valid_until', '>=', atSeconds)
      return await own.union(recognised).orderBy('locode').orderBy('credentialType').execute()
    }
  }
}
