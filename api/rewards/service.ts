import { randomBytes } from 'node:crypto'
import type { CardDecision } from '../../agent/verification/verify-card.ts'
import { decodeInteger, signBlinded } from '../../agent/notes/blind-signature.ts'
import type { Actor, StaffActs } from '../audit/types.ts'
import { controllerAccount, locodeBytes, type CityIdentity } from '../city/identity.ts'
import type { ChainSender } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'
import { ApiError } from '../platform/errors.ts'
import type { PersonCipher } from '../platform/secrets.ts'
import { transact } from '../platform/transaction.ts'
import type { NoteKeys } from './note-keys.ts'
import type { RewardStore } from './store.ts'
import type { Balance, Denomination, HistoryEntry, ListedProgram, Program, ProgramTotals, RewardsIndex } from './types.ts'

const NONCE_SECONDS = 300
/** How long a points session lasts, in seconds. */
export const pointsSessionSeconds = 900
const HISTORY_LENGTH = 200

export interface BlindRequest {
  readonly value: number
  /** base64url, as long as the modulus. */
  readonly blinded: string
}

export interface RewardsDependencies {
  readonly db: Db
  readonly store: RewardStore
  readonly acts: StaffActs
  readonly keys: NoteKeys
  readonly chain: ChainSender
  readonly index: RewardsIndex
  readonly identity: CityIdentity
  readonly clock: () => Date
  readonly cipherOf: (residentId: string) => Promise<PersonCipher>
  /** Whether the resident holds a card that was neither suspended nor revoked. */
  readonly holdsActiveCard: (residentId: string) => Promise<boolean>
  readonly findResidentByCardNumber: (cardNumber: string) => Promise<string | undefined>
  /** Checks a presented card of this city; nonce and audience were chosen by us. */
  readonly verifyOwnCard: (presentation: string, nonce: string) => Promise<CardDecision>
  readonly onSigned?: (notes: number) => void
}

/** Programmes, awards, balances and blindly signed notes. */
export type RewardsService = ReturnType<typeof createRewardsService>

export function createRewardsService(deps: RewardsDependencies) {
  const { db, store, acts, keys, chain, index, identity, clock } = deps

  const totalsOf = async (programId: string): Promise<ProgramTotals | undefined> => (await index.findTotals([programId])).get(programId)

  const runningProgram = async (programId: string): Promise<Program> => {
    const program = await store.findProgram(programId)
    if (program === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such programme.')
    const now = clock()
    const totals = await totalsOf(programId)
    if (totals?.replaced === true) throw new ApiError('ERR_PROGRAM_REPLACED')
    if (totals?.closed === true || now < program.validFrom || now > program.validUntil) throw new ApiError('ERR_PROGRAM_NOT_RUNNING')
    return program
  }

  const describe = async (program: Program, totals: ProgramTotals | undefined): Promise<ListedProgram> => ({
    ...program, totals, denominations: await store.listDenominations(program.programId),
  })

  const decode = (denominations: readonly (Denomination & { readonly kid: string })[], note: BlindRequest) => {
    const denomination = denominations.find(({ value }) => value === note.value)
    if (denomination === undefined) throw new ApiError('ERR_DENOMINATION_UNKNOWN')
    try {
      return { ...denomination, blinded: decodeInteger(denomination.modulus, note.blinded) }
    } catch (cause) {
      throw new ApiError('ERR_BLINDED_INVALID', undefined, { cause })
    }
  }

  return {
    /** Makes a programme with fresh keys, creates and funds it on the chain. `programId`: 0x and 32 bytes. */
    async createProgram(options: { readonly name: string; readonly units: number; readonly validUntil: Date; readonly programId?: string }): Promise<ListedProgram> {
      const now = clock()
      if (options.validUntil <= now) throw new ApiError('ERR_VALIDATION', 'The programme would end before it begins.', { members: { errors: [{ pointer: '#/until', detail: 'lies in the past' }] } })
      const programId = options.programId ?? `0x${randomBytes(32).toString('hex')}`
      // From the beginning of the minute: the clock of a block may lag behind ours.
      const validFrom = new Date(Math.floor(now.getTime() / 60_000) * 60_000)
      const validUntil = new Date(Math.floor(options.validUntil.getTime() / 1000) * 1000)
      const denominations = await keys.create(programId)
      const program = { programId, name: options.name, units: options.units, validFrom, validUntil }
      await transact(db, async () => {
        for (const key of denominations) await key.keep()
        await store.insertProgram(program, denominations.map(({ value, modulus, kid }) => ({ value, modulus, kid })))
        await chain.enqueue({
          account: controllerAccount, contract: 'RewardPrograms', method: 'create', key: `program:${programId}:create`,
          args: [
            programId, locodeBytes(identity.locode), program.name, identity.controller, validFrom.getTime() / 1000, validUntil.getTime() / 1000,
            denominations.map(({ value }) => value), denominations.map(({ modulus }) => modulus),
          ],
        })
        await chain.enqueue({
          account: controllerAccount, contract: 'RewardPrograms', method: 'fund', key: `program:${programId}:fund`, args: [programId, program.units],
        })
      })
      return await describe({ ...program, awarded: 0 }, await totalsOf(programId))
    },

    async listPrograms(): Promise<readonly ListedProgram[]> {
      const programs = await store.listPrograms()
      const totals = await index.findTotals(programs.map(({ programId }) => programId))
      return await Promise.all(programs.map(async (program) => await describe(program, totals.get(program.programId))))
    },

    async findProgram(programId: string): Promise<ListedProgram | undefined> {
      const program = await store.findProgram(programId)
      return program === undefined ? undefined : await describe(program, await totalsOf(programId))
    },

    async listSpentNotes(programId: string, after: number, limit: number): Promise<readonly string[]> {
      if (await store.findProgram(programId) === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such programme.')
      return await index.listSpentNotes(programId, after, limit)
    },

    /** Awards points while the programme runs and has them. Returns the new balance. */
    async award(award: { readonly residentId: string; readonly programId: string; readonly points: number; readonly reason: string }, by: Actor): Promise<number> {
      const cipher = await deps.cipherOf(award.residentId)
      return await transact(db, async () => {
        await runningProgram(award.programId)
        if (!await store.takeFromBudget(award.programId, award.points)) throw new ApiError('ERR_BUDGET_EXHAUSTED')
        const balance = await store.insertAward({
          ...award, awardedBy: by.subject, at: clock(), sealReason: (awardId) => cipher.seal(`rewards_awards.reason:${awardId}`, award.reason),
        })
        // The reason is the officer's own words and may be about the resident: it stays sealed where the award is.
        await acts.record(by, { act: 'awarded', residentId: award.residentId, programId: award.programId, points: award.points })
        return balance
      })
    },

    async listBalances(residentId: string): Promise<readonly Balance[]> {
      return await store.listBalances(residentId)
    },

    async listHistory(residentId: string): Promise<readonly HistoryEntry[]> {
      const cipher = await deps.cipherOf(residentId)
      const awards = (await store.listAwards(residentId, HISTORY_LENGTH)).map((row): HistoryEntry => ({
        at: row.created_at, programId: row.program_id, points: row.points, kind: 'award',
        reason: cipher.openText(`rewards_awards.reason:${row.award_id}`, row.reason_sealed),
      }))
      const withdrawals = (await store.listWithdrawals(residentId, HISTORY_LENGTH)).map((row): HistoryEntry => ({
        at: row.created_at, programId: row.program_id, points: row.points, kind: 'withdrawal', reason: undefined,
      }))
      return [...awards, ...withdrawals].sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, HISTORY_LENGTH)
    },

    async createChallenge(): Promise<string> {
      const nonce = randomBytes(24).toString('base64url')
      await store.insertNonce(nonce, new Date(clock().getTime() + NONCE_SECONDS * 1000))
      return nonce
    },

    /** Opens a points session for whoever presents a card of this city over our nonce. @throws ApiError `ERR_CARD_REFUSED` */
    async openSession(presentation: string, nonce: string): Promise<string> {
      if (!await store.takeNonce(nonce, clock())) throw new ApiError('ERR_CARD_REFUSED', 'The challenge is unknown, used or too old.', { members: { reason: 'ERR_REPLAYED' } })
      const decision = await deps.verifyOwnCard(presentation, nonce)
      const failure = decision.checks.find((check) => check.outcome === 'failed')
      if (!decision.accepted || decision.issuer?.locode !== identity.locode) {
        throw new ApiError('ERR_CARD_REFUSED', 'The card was not accepted here.', { members: { reason: failure?.code ?? 'ERR_ISSUER_MISMATCH' } })
      }
      const cardNumber = decision.claims.card_number
      const residentId = typeof cardNumber === 'string' ? await deps.findResidentByCardNumber(cardNumber) : undefined
      if (residentId === undefined) throw new ApiError('ERR_CARD_REFUSED', 'The card number is needed, and must be known here.', { members: { reason: 'ERR_CARD_NUMBER' } })
      const token = randomBytes(32).toString('base64url')
      await store.insertSession(token, residentId, new Date(clock().getTime() + pointsSessionSeconds * 1000))
      return token
    },

    /** The resident of a points session; none once the card was stopped, whatever the session had left. */
    async findSession(token: string): Promise<string | undefined> {
      const residentId = await store.findSession(token, clock())
      return residentId !== undefined && await deps.holdsActiveCard(residentId) ? residentId : undefined
    },

    /**
     * Signs blinded values against the resident's balance, all or none. A value that was signed before gets the same
     * signature and costs nothing. What is kept: the sum taken out, and a hash of each blinded value, which tells
     * nothing of the note inside.
     *
     * @see https://www.rfc-editor.org/rfc/rfc9474#section-4.3
     */
    async withdraw(residentId: string, programId: string, requests: readonly BlindRequest[]): Promise<readonly { readonly value: number; readonly signature: Uint8Array }[]> {
      return await transact(db, async () => {
        const denominations = await store.listDenominations(programId)
        if (denominations.length === 0) throw new ApiError('ERR_NOT_FOUND', 'There is no such programme.')
        const notes = requests.map((request) => decode(denominations, request))
        if (new Set(notes.map((note) => Buffer.from(note.blinded).toString('hex'))).size !== notes.length) throw new ApiError('ERR_BLINDED_REUSED', 'A blinded value stands twice in the request.')
        await store.lockBalance(residentId, programId)
        const signed = await store.findSigned(programId, notes.map((note) => note.blinded))
        for (const note of notes) {
          const before = signed.get(note.blinded)
          if (before !== undefined && (before.residentId !== residentId || before.value !== note.value)) throw new ApiError('ERR_BLINDED_REUSED')
        }
        const fresh = notes.filter((note) => !signed.has(note.blinded))
        if (fresh.length > 0) {
          await runningProgram(programId)
          const points = fresh.reduce((sum, note) => sum + note.value, 0)
          if (!await store.debit(residentId, programId, points)) throw new ApiError('ERR_BALANCE_INSUFFICIENT')
          if (!await store.insertSigned(programId, residentId, fresh)) throw new ApiError('ERR_BLINDED_REUSED')
          await store.insertWithdrawal(residentId, programId, points, clock())
          deps.onSigned?.(fresh.length)
        }
        return await Promise.all(notes.map(async (note) => ({
          value: note.value, signature: await signBlinded(note.modulus, note.blinded, (message) => keys.sign(note.kid, message)),
        })))
      })
    },

    /** Signatures again for values that were signed for this resident before; undefined for all others. Never debits. */
    async recover(residentId: string, programId: string, blinded: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
      const denominations = await store.listDenominations(programId)
      if (denominations.length === 0) throw new ApiError('ERR_NOT_FOUND', 'There is no such programme.')
      const values = blinded.map((text) => new Uint8Array(Buffer.from(text, 'base64url')))
      const signed = await store.findSigned(programId, values)
      return await Promise.all(values.map(async (value) => {
        const before = signed.get(value)
        const denomination = denominations.find((candidate) => candidate.value === before?.value)
        if (before?.residentId !== residentId || denomination === undefined) return undefined
        return await signBlinded(denomination.modulus, value, (message) => keys.sign(denomination.kid, message))
      }))
    },

    async sweep(now: Date): Promise<void> {
      await store.sweep(now)
    },
  }
}
