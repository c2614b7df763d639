import { preparePortrait } from '../../agent/formats/portrait.ts'
import type { Actor, StaffActs } from '../audit/types.ts'
import type { Db } from '../platform/database.ts'
import { ApiError } from '../platform/errors.ts'
import type { PersonCipher } from '../platform/secrets.ts'
import { transact } from '../platform/transaction.ts'
import type { ResidentStore } from './store.ts'
import type { NewResident, Resident, ResidentQuery, ResidentSummary } from './types.ts'

export interface ResidentsService {
  /** Enrols a person whose papers were inspected. Returns the resident's identifier. */
  enrol(resident: Omit<NewResident, 'portrait' | 'attestedBy'> & { readonly picture: Uint8Array }, by: Actor): Promise<string>
  /** @throws ApiError `ERR_NOT_FOUND` */
  read(residentId: string): Promise<Resident>
  /** What an officer is shown of a resident, who is on record as looked up by then. @throws ApiError `ERR_NOT_FOUND` */
  open(residentId: string, by: Actor): Promise<Resident>
  /** What an officer is shown of whom a search finds; all of them are on record as looked up by then, the search is not. */
  search(query: ResidentQuery, by: Actor): Promise<readonly ResidentSummary[]>
  /** @throws ApiError `ERR_NOT_FOUND` */
  cipherOf(residentId: string): Promise<PersonCipher>
}

export interface ResidentsDependencies {
  readonly db: Db
  readonly store: ResidentStore
  readonly acts: StaffActs
  readonly findResidentByCardNumber: (cardNumber: string) => Promise<string | undefined>
  readonly clock: () => Date
}

/** Enrolling and finding residents. */
export function createResidentsService({ db, store, acts, findResidentByCardNumber, clock }: ResidentsDependencies): ResidentsService {
  const read = async (residentId: string): Promise<Resident> => {
    const resident = await store.find(residentId)
    if (resident === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such resident.')
    return resident
  }

  const find = async ({ cardNumber, ...query }: ResidentQuery): Promise<readonly ResidentSummary[]> => {
    if (cardNumber === undefined) return await store.search(query)
    const residentId = await findResidentByCardNumber(cardNumber)
    if (residentId === undefined) return []
    const found = await store.findSummaries([residentId])
    if (query.familyName === undefined && query.birthDate === undefined) return found
    const alsoFound = new Set((await store.search(query)).map((resident) => resident.residentId))
    return found.filter((resident) => alsoFound.has(resident.residentId))
  }

  return {
    async enrol({ picture, ...resident }, by) {
      if (resident.birthDate > clock().toISOString().slice(0, 10)) {
        throw new ApiError('ERR_VALIDATION', 'The birth date lies in the future.', { members: { errors: [{ pointer: '#/birth_date', detail: 'lies in the future' }] } })
      }
      const portrait = preparePortrait(picture)
      return await transact(db, async () => {
        const residentId = await store.insert({ ...resident, portrait, attestedBy: by.subject })
        await acts.record(by, { act: 'enrolled', residentId })
        return residentId
      })
    },
    read,
    open: (residentId, by) => transact(db, async () => {
      const resident = await read(residentId)
      await acts.recordLooks(by, [residentId], 'file')
      return resident
    }),
    search: (query, by) => transact(db, async () => {
      const found = await find(query)
      await acts.recordLooks(by, found.map(({ residentId }) => residentId), 'search')
      return found
    }),
    async cipherOf(residentId) {
      const cipher = await store.cipherOf(residentId)
      if (cipher === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such resident.')
      return cipher
    },
  }
}
