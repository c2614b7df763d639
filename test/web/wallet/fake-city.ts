import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { decodeModulus, verifyNoteSignature } from '../../../agent/notes/blind-signature.ts'
import { recoverNote } from '../../../agent/notes/redeem-digest.ts'
import { ApiError } from '../../../web/ui/problem.ts'
import type { BlindedNote, CityPoints } from '../../../web/wallet/points/city-points.ts'
import type { Order, Orders, OrderState } from '../../../web/wallet/points/order.ts'

const keys = new Map<number, { privateKey: KeyObject; modulus: string }>()

function keyOf(value: number): { privateKey: KeyObject; modulus: string } {
  const known = keys.get(value)
  if (known !== undefined) return known
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { privateKey, modulus: privateKey.export({ format: 'jwk' }).n as string }
  keys.set(value, key)
  return key
}

export const programId = `0x${'aa'.repeat(32)}`
export const cityUrl = 'http://city.localhost'
const merchantAddress = `0x${'22'.repeat(20)}`
const domain = { chainId: 7411, verifyingContract: `0x${'33'.repeat(20)}` }

interface PaidNote {
  readonly value: number
  readonly rsa_signature: string
  readonly owner_signature: string
}

/** A city and a merchant that keep the rules of the real ones, in memory: real blind signatures, each note once. */
export class FakeCity implements CityPoints, Orders {
  balancePoints: number
  /** What to do with the next requests: lose the question, lose the answer, or nothing. */
  faults: ('question lost' | 'answer lost')[] = []
  readonly requests: string[] = []
  readonly redeemed = new Set<string>()
  #signed = new Map<string, number>()
  #orders = new Map<string, { points: number; state: OrderState; pending: string[] }>()
  #paymentKeys = new Map<string, OrderState>()
  values: number[]

  constructor(balance: number, values: number[] = [1, 2, 4, 8]) {
    this.balancePoints = balance
    this.values = values
  }

  get denominations() {
    return this.values.map((value) => ({ value, modulus: keyOf(value).modulus }))
  }

  programs() {
    return Promise.resolve([{ program_id: programId, name: 'Volunteers', denominations: this.denominations }])
  }

  balance() {
    return Promise.resolve({ programs: [{ program_id: programId, name: 'Volunteers', balance: this.balancePoints }], history: [] })
  }

  withdraw(_issuer: string, _program: string, notes: readonly BlindedNote[], key: string) {
    return this.#travel(`withdraw ${key}`, () => {
      const fresh = notes.filter(({ blinded }) => !this.#signed.has(blinded))
      const sum = fresh.reduce((total, { value }) => total + value, 0)
      if (sum > this.balancePoints) throw new ApiError('ERR_PROBLEM', { status: 409, problem: 'ERR_BALANCE_INSUFFICIENT' })
      this.balancePoints -= sum
      for (const { blinded, value } of fresh) this.#signed.set(blinded, value)
      return notes.map(({ blinded, value }) => this.#sign(blinded, value))
    })
  }

  recover(_issuer: string, _program: string, blinded: readonly string[]) {
    return this.#travel('recover', () => blinded.map((text) => {
      const value = this.#signed.get(text)
      return value === undefined ? null : this.#sign(text, value)
    }))
  }

  redeemedNotes() {
    return Promise.resolve(this.redeemed)
  }

  createOrder(points: number): string {
    const id = `0x${(this.#orders.size + 1).toString(16).padStart(64, '0')}`
    this.#orders.set(id, { points, state: 'open', pending: [] })
    return `${cityUrl}/v1/orders/${id}`
  }

  setOrder(url: string, state: OrderState): void {
    this.#orderOf(url).state = state
  }

  /** The chain takes what was paid. */
  confirm(url: string): void {
    const order = this.#orderOf(url)
    order.state = 'paid'
    for (const address of order.pending) this.redeemed.add(address)
  }

  read(url: string): Promise<Order> {
    const { points, state } = this.#orderOf(url)
    return this.#travel('read order', () => ({
      orderId: url.slice(url.lastIndexOf('/') + 1), orderUrl: url, program: programId, programName: 'Volunteers',
      merchantName: 'Café', merchantAddress, points, deadlineSeconds: 2_000_000_000, payableUntilSeconds: 1_900_000_000,
      ...domain, state, denominations: this.denominations,
    }))
  }

  pay(url: string, body: unknown, key: string): Promise<OrderState> {
    return this.#travel(`pay ${key}`, () => {
      const known = this.#paymentKeys.get(key)
      if (known !== undefined) return known
      const order = this.#orderOf(url)
      if (order.state !== 'open') throw new ApiError('ERR_PROBLEM', { status: 409, problem: 'ERR_ORDER_CLOSED' })
      const { notes } = body as { notes: PaidNote[] }
      const addresses = notes.map((note) => this.#verify(url, note))
      if (notes.reduce((total, { value }) => total + value, 0) !== order.points) {
        throw new ApiError('ERR_PROBLEM', { status: 422, problem: 'ERR_AMOUNT_MISMATCH' })
      }
      if (addresses.some((address) => this.redeemed.has(address))) {
        throw new ApiError('ERR_PROBLEM', { status: 409, problem: 'ERR_NOTE_SPENT' })
      }
      order.state = 'paying'
      order.pending = addresses
      this.#paymentKeys.set(key, 'paying')
      return 'paying' as const
    })
  }

  #verify(url: string, { value, rsa_signature: signature, owner_signature: owner }: PaidNote): string {
    const redeem = { program: programId, merchant: merchantAddress, order: url.slice(url.lastIndexOf('/') + 1), deadline: 2_000_000_000 }
    const address = recoverNote(domain, redeem, owner)
    const isGenuine = address !== undefined
      && verifyNoteSignature(decodeModulus(keyOf(value).modulus), address, new Uint8Array(Buffer.from(signature, 'base64url')))
    if (!isGenuine) throw new ApiError('ERR_PROBLEM', { status: 422, problem: 'ERR_NOTE_INVALID' })
    return address
  }

  #sign(blinded: string, value: number): string {
    const raw = { key: keyOf(value).privateKey, padding: constants.RSA_NO_PADDING }
    return privateDecrypt(raw, Buffer.from(blinded, 'base64url')).toString('base64url')
  }

  #orderOf(url: string) {
    const order = this.#orders.get(url.slice(url.lastIndexOf('/') + 1))
    if (order === undefined) throw new ApiError('ERR_PROBLEM', { status: 404 })
    return order
  }

  async #travel<T>(request: string, answer: () => T): Promise<T> {
    this.requests.push(request)
    const fault = this.faults.shift()
    await Promise.resolve()
    if (fault === 'question lost') throw new ApiError('ERR_OFFLINE')
    const result = answer()
    if (fault === 'answer lost') throw new ApiError('ERR_OFFLINE')
    return result
  }
}
