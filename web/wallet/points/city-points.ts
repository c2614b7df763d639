import { presentSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { createApiClient } from '../../ui/api-client.ts'
import type { ApiClient } from '../../ui/api-client.ts'
import { ApiError } from '../../ui/problem.ts'
import type { CardRecord, Denomination } from '../vault/records.ts'
import type { Vault } from '../vault/vault.ts'
import { PurseError } from './purse-error.ts'

export interface ProgramBalance {
  readonly program_id: string
  readonly name: string
  readonly balance: number
}

export interface PointsMovement {
  readonly at: string | number
  readonly program_id: string
  readonly points: number
  readonly kind: 'award' | 'withdrawal' | string
  readonly reason?: string
}

export interface Balance {
  readonly programs: readonly ProgramBalance[]
  readonly history: readonly PointsMovement[]
}

export interface Program {
  readonly program_id: string
  readonly name: string
  readonly denominations: readonly Denomination[]
}

/** A city's points desk, as any wallet that holds one of its cards may use it. `issuer` is the city's public URL. */
export interface CityPoints {
  programs(issuer: string): Promise<readonly Program[]>
  balance(issuer: string): Promise<Balance>
  /** Asks for blind signatures, one for each note, in order. */
  withdraw(issuer: string, program: string, notes: readonly BlindedNote[], key: string): Promise<readonly string[]>
  /** What was signed before for these blinded values, without asking for anything new; null for what was not. */
  recover(issuer: string, program: string, blinded: readonly string[]): Promise<readonly (string | null)[]>
  /** The addresses of all notes of a programme that were redeemed; the same list for everybody. */
  redeemedNotes(issuer: string, program: string): Promise<ReadonlySet<string>>
}

export interface BlindedNote {
  readonly value: number
  readonly blinded: string
}

/**
 * Opens the points desks of the cities whose cards are in the vault. The holder signs in by presenting the card number
 * with the copy that no other verifier ever sees; the access token stays in memory.
 */
export function createCityPoints({ vault, clientFor = (origin) => createApiClient({ origin }), now = Date.now }: {
  vault: Vault
  clientFor?: (origin: string) => ApiClient
  now?: () => number
}): CityPoints {
  const tokens = new Map<string, { token: string; expiresAt: number }>()

  async function signIn(issuer: string): Promise<string> {
    const card = (await vault.list('card')).findLast((candidate) => candidate.issuer === issuer)
    if (card === undefined) throw new PurseError('ERR_NO_CARD_OF_CITY')
    const client = clientFor(issuer)
    const { nonce } = await client.get<{ nonce: string }>('/v1/points/challenge')
    const { access_token: token, expires_in: seconds } = await client.post<{ access_token: string; expires_in: number }>(
      '/v1/points/sessions', { presentation: await presentCardNumber(card, nonce), nonce })
    tokens.set(issuer, { token, expiresAt: now() + (seconds - 10) * 1000 })
    return token
  }

  async function presentCardNumber(card: CardRecord, nonce: string): Promise<string> {
    const { sign } = await vault.holderKey(card.homeCopy.keyId)
    return presentSdJwtVc({
      credential: card.homeCopy.credential, claims: ['card_number'], audience: card.issuer, nonce,
      issuedAtSeconds: Math.floor(now() / 1000), sign,
    })
  }

  async function asHolder<T>(issuer: string, ask: (bearer: string) => Promise<T>): Promise<T> {
    const known = tokens.get(issuer)
    const isFresh = known !== undefined && known.expiresAt > now()
    try {
      return await ask(isFresh ? known.token : await signIn(issuer))
    } catch (error) {
      if (!isFresh || !(error instanceof ApiError) || error.status !== 401) throw error
      return ask(await signIn(issuer))
    }
  }

  return {
    programs: async (issuer) => readList<Program>(await clientFor(issuer).get('/v1/programs'), 'programs'),
    balance: (issuer) => asHolder(issuer, (bearer) => clientFor(issuer).get<Balance>('/v1/points/balance', { bearer })),
    async withdraw(issuer, program, notes, key) {
      const { signatures } = await asHolder(issuer, (bearer) => clientFor(issuer).post<{ signatures: { signature: string }[] }>(
        '/v1/points/withdrawals', { program_id: program, notes }, { bearer, idempotent: key }))
      return signatures.map(({ signature }) => signature)
    },
    async recover(issuer, program, blinded) {
      const { signatures } = await asHolder(issuer, (bearer) => clientFor(issuer).post<{ signatures: (string | null)[] }>(
        '/v1/points/withdrawals/recover', { program_id: program, blinded }, { bearer }))
      return signatures
    },
    async redeemedNotes(issuer, program) {
      const found = new Set<string>()
      let after: number | undefined
      do {
        const page = await clientFor(issuer).get<{ notes: string[]; next?: number }>(
          `/v1/programs/${program}/redeemed-notes${after === undefined ? '' : `?after=${after}`}`)
        for (const address of page.notes) found.add(address.toLowerCase())
        after = page.next
      } while (after !== undefined)
      return found
    },
  }
}

function readList<T>(answer: unknown, name: string): readonly T[] {
  return Array.isArray(answer) ? answer as T[] : (answer as Record<string, T[]>)[name] ?? []
}
