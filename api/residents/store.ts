import { randomUUID } from 'node:crypto'
import type { Db } from '../platform/database.ts'
import { foldName, type PersonCipher, type Secrets } from '../platform/secrets.ts'
import { transact } from '../platform/transaction.ts'
import type { NewResident, Resident, ResidentSummary, ResidentTables } from './types.ts'

const MAX_FOUND = 50

export interface ResidentStore {
  insert(resident: NewResident): Promise<string>
  find(residentId: string): Promise<Resident | undefined>
  findSummaries(residentIds: readonly string[]): Promise<readonly ResidentSummary[]>
  /** Residents all of whose given criteria match; criteria left out do not count. At most 50. */
  search(query: { readonly familyName?: string | undefined; readonly birthDate?: string | undefined }): Promise<readonly ResidentSummary[]>
  /** The cipher of a person's data key, for columns about the person in other rooms. */
  cipherOf(residentId: string): Promise<PersonCipher | undefined>
}

const place = (column: string, residentId: string): string => `residents.${column}:${residentId}`

/** Residents, every personal column sealed under the person's own key. */
export function createResidentStore(db: Db, secrets: Secrets): ResidentStore {
  const tables = db.withTables<ResidentTables>()
  const wordsOf = (familyName: string): string[] =>
    [...new Set(foldName(familyName).split(' ').filter(Boolean))].map((word) => secrets.blindIndex('family-name-word', word))
  const birthDateIndex = (birthDate: string): string => secrets.blindIndex('birth-date', birthDate)

  const summaryColumns = [
    'residents.resident_id', 'given_name_sealed', 'family_name_sealed', 'birth_date_sealed', 'wrapped_key',
  ] as const
  const selectSummaries = () => tables.selectFrom('residents')
    .innerJoin('resident_keys', 'resident_keys.resident_id', 'residents.resident_id').select(summaryColumns)

  const openSummary = (row: {
    resident_id: string; given_name_sealed: Uint8Array; family_name_sealed: Uint8Array; birth_date_sealed: Uint8Array; wrapped_key: Uint8Array
  }): ResidentSummary => {
    const cipher = secrets.personCipher(row.resident_id, row.wrapped_key)
    return {
      residentId: row.resident_id,
      givenName: cipher.openText(place('given_name', row.resident_id), row.given_name_sealed),
      familyName: cipher.openText(place('family_name', row.resident_id), row.family_name_sealed),
      birthDate: cipher.openText(place('birth_date', row.resident_id), row.birth_date_sealed),
    }
  }

  return {
    async insert(resident) {
      const residentId = randomUUID()
      const wrappedKey = secrets.createPersonKey(residentId)
      const cipher = secrets.personCipher(residentId, wrappedKey)
      await transact(db, async () => {
        await tables.insertInto('residents').values({
          resident_id: residentId,
          given_name_sealed: cipher.seal(place('given_name', residentId), resident.givenName),
          family_name_sealed: cipher.seal(place('family_name', residentId), resident.familyName),
          birth_date_sealed: cipher.seal(place('birth_date', residentId), resident.birthDate),
          birth_date_index: birthDateIndex(resident.birthDate),
          portrait_sealed: cipher.seal(place('portrait', residentId), resident.portrait.bytes),
          portrait_media_type: resident.portrait.mediaType,
          attested_by: resident.attestedBy,
        }).execute()
        await tables.insertInto('resident_keys').values({ resident_id: residentId, wrapped_key: wrappedKey }).execute()
        const words = wordsOf(resident.familyName).map((word) => ({ resident_id: residentId, word_index: word }))
        if (words.length > 0) await tables.insertInto('resident_name_words').values(words).execute()
      })
      return residentId
    },
    async find(residentId) {
      const row = await selectSummaries().select(['portrait_sealed', 'portrait_media_type']).where('residents.resident_id', '=', residentId).executeTakeFirst()
      if (row === undefined) return undefined
      const cipher = secrets.personCipher(residentId, row.wrapped_key)
      const bytes = cipher.openBytes(place('portrait', residentId), row.portrait_sealed)
      const mediaType = row.portrait_media_type === 'image/webp' ? 'image/webp' as const : 'image/jpeg' as const
      return { ...openSummary(row), portrait: { mediaType, bytes } }
    },
    async findSummaries(residentIds) {
      if (residentIds.length === 0) return []
      return (await selectSummaries().where('residents.resident_id', 'in', [...residentIds]).execute()).map(openSummary)
    },
    async search({ familyName, birthDate }) {
      let query = selectSummaries()
      if (birthDate !== undefined) query = query.where('birth_date_index', '=', birthDateIndex(birthDate))
      if (familyName !== undefined) {
        const words = wordsOf(familyName)
        if (words.length === 0) return []
        for (const word of words) {
          query = query.where('residents.resident_id', 'in', tables.selectFrom('resident_name_words').select('resident_id').where('word_index', '=', word))
        }
      }
      return (await query.orderBy('residents.created_at', 'desc').limit(MAX_FOUND).execute()).map(openSummary)
    },
    async cipherOf(residentId) {
      const row = await tables.selectFrom('resident_keys').select('wrapped_key').where('resident_id', '=', residentId).executeTakeFirst()
      return row === undefined ? undefined : secrets.personCipher(residentId, row.wrapped_key)
    },
  }
}
