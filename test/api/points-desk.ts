import { randomBytes } from 'node:crypto'
import { NativeKms } from '../../agent/keys/native-kms.ts'
import { blindNote, encodeInteger, unblindSignature } from '../../agent/notes/blind-signature.ts'
import { deriveBlindingFactor, deriveNoteKey } from '../../agent/notes/derive-note.ts'
import { signRedeem, type RedeemDomain } from '../../agent/notes/redeem-digest.ts'
import { auditMigrations } from '../../api/audit/migrations.ts'
import { createAuditStore } from '../../api/audit/store.ts'
import type { CityIdentity } from '../../api/city/identity.ts'
import { merchantMigrations } from '../../api/merchants/migrations.ts'
import { createMerchantsService } from '../../api/merchants/service.ts'
import { createMerchantStore } from '../../api/merchants/store.ts'
import type { OfferedNote, Order } from '../../api/merchants/types.ts'
import type { Db } from '../../api/platform/database.ts'
import { platformMigrations } from '../../api/platform/migrations.ts'
import { createSecrets } from '../../api/platform/secrets.ts'
import { residentMigrations } from '../../api/residents/migrations.ts'
import { createResidentStore } from '../../api/residents/store.ts'
import { rewardMigrations } from '../../api/rewards/migrations.ts'
import { createNoteKeys } from '../../api/rewards/note-keys.ts'
import { createRewardsService } from '../../api/rewards/service.ts'
import { createRewardStore } from '../../api/rewards/store.ts'
import type { Denomination } from '../../api/rewards/types.ts'
import { createMemoryChainIndex } from '../fakes/memory-chain-index.ts'
import { createMemoryChainSender } from '../fakes/memory-chain-sender.ts'
import { createMemoryKeyStore } from '../fakes/memory-key-store.ts'

export const pointsMigrations = { ...platformMigrations, ...auditMigrations, ...residentMigrations, ...rewardMigrations, ...merchantMigrations }
const redeemDomain: RedeemDomain = { chainId: 7411, verifyingContract: `0x${'ab'.repeat(20)}` }
const start = Date.parse('2026-11-23T10:00:00Z')

/** The points of one city without chain and HTTP: real stores, real signatures, fakes for what lies outside. */
export function createPointsDesk(db: Db) {
  const secrets = createSecrets(new Uint8Array(32).fill(9))
  const keys = new NativeKms(createMemoryKeyStore(), new Uint8Array(32).fill(8))
  const chain = createMemoryChainSender()
  const index = createMemoryChainIndex()
  const time = { now: new Date(start) }
  /** The one card that is accepted here, when presented as `held`. */
  const cards: { holder: string | undefined; active: boolean } = { holder: undefined, active: true }
  const clock = (): Date => time.now
  const residents = createResidentStore(db, secrets)
  const acts = createAuditStore(db, clock)
  const identity = { locode: 'PTOPO', controller: `0x${'cd'.repeat(20)}` } as CityIdentity
  const rewards = createRewardsService({
    db, acts, store: createRewardStore(db), keys: createNoteKeys(keys), chain, index, identity, clock,
    cipherOf: async (residentId) => {
      const cipher = await residents.cipherOf(residentId)
      if (cipher === undefined) throw new Error('no such resident')
      return cipher
    },
    findResidentByCardNumber: async (cardNumber) => (cardNumber === 'held' ? cards.holder : undefined),
    holdsActiveCard: async (residentId) => cards.active && residentId === cards.holder,
    verifyOwnCard: async (presentation) => presentation === 'held'
      ? { accepted: true, checks: [], claims: { card_number: 'held' }, issuer: { locode: 'PTOPO', name: 'Porto', did: 'did:web:porto.example', serviceUrl: 'https://porto.example' } }
      : { accepted: false, checks: [], claims: {} },
  })
  const merchants = createMerchantsService({
    db, store: createMerchantStore(db, secrets), keys, chain, index, locode: 'PTOPO', clock,
    findProgram: (programId) => rewards.findProgram(programId),
    createLogin: async () => 'first-password',
    endSessionsOf: async () => {},
  })
  const enrol = async (familyName = 'Silva'): Promise<string> => await residents.insert({
    givenName: 'Ana', familyName, birthDate: '1990-02-03', portrait: { mediaType: 'image/jpeg', bytes: Uint8Array.of(1) }, attestedBy: 'officer',
  })
  return { db, rewards, merchants, residents, acts, chain, index, time, cards, clock, enrol, keys, secrets }
}

/** A wallet's side of notes: the same functions as the web wallet's. */
export function createNotePurse(programId: string, denominations: readonly Denomination[]) {
  const seed = new Uint8Array(randomBytes(32))
  const modulusOf = (value: number): Uint8Array => {
    const found = denominations.find((denomination) => denomination.value === value)
    if (found === undefined) throw new Error(`no note of ${value}`)
    return found.modulus
  }
  const reference = (value: number, counter: number) => ({ program: programId, value, counter })
  return {
    ask(value: number, counter: number) {
      const { address } = deriveNoteKey(seed, reference(value, counter))
      const factor = deriveBlindingFactor(seed, reference(value, counter), modulusOf(value))
      return { value, blinded: encodeInteger(blindNote(modulusOf(value), address, factor)) }
    },
    take(value: number, counter: number, blindSignature: Uint8Array) {
      const { address, secretKey } = deriveNoteKey(seed, reference(value, counter))
      const factor = deriveBlindingFactor(seed, reference(value, counter), modulusOf(value))
      return { value, address, secretKey, rsaSignature: unblindSignature(modulusOf(value), address, factor, blindSignature) }
    },
  }
}

/** Signs notes over to an order. */
export function payWith(notes: readonly { value: number; secretKey: Uint8Array; rsaSignature: Uint8Array }[], order: Order, merchant: string): OfferedNote[] {
  const redeem = { program: order.programId, merchant, order: order.orderId, deadline: order.deadline.getTime() / 1000 }
  return notes.map(({ value, secretKey, rsaSignature }) => ({ value, rsaSignature, ownerSignature: signRedeem(redeemDomain, redeem, secretKey) }))
}

/** The code of a refusal, or `accepted`. */
export async function refusalOf(act: Promise<unknown>): Promise<string> {
  return await act.then(() => 'accepted', (error: unknown) => (error as { code?: string }).code ?? String(error))
}
