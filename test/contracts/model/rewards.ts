import { constants, createPublicKey, publicEncrypt, type KeyObject } from 'node:crypto'
import { hexlify, recoverAddress, Signature, TypedDataEncoder } from 'ethers'
import { fullDomainHash, redeemTypes, type SignedNote } from '../federation.ts'
import type { Surroundings } from './records.ts'
import { need, noCity, zeroAddress } from './refusal.ts'

/** A public RSA key as a programme names it. */
export interface PublicNoteKey {
  readonly value: number
  readonly modulus: Buffer
}

interface ProgramModel {
  city: string
  from: number
  until: number
  closed: boolean
  shared: boolean
  sponsor: string
  funded: number
  redeemed: number
  keys: readonly PublicNoteKey[]
}

/** Units of all programmes: who holds how many. */
export class TokenModel {
  readonly balances = new Map<string, number>()

  balance(program: string, holder: string): number {
    return this.balances.get(`${program},${holder}`) ?? 0
  }

  add(program: string, holder: string, units: number): void {
    this.balances.set(`${program},${holder}`, this.balance(program, holder) + units)
  }

  take(program: string, holder: string, units: number): void {
    const balance = this.balance(program, holder)
    need(balance >= units, 'ERC1155InsufficientBalance', holder, balance, units, BigInt(program))
    this.balances.set(`${program},${holder}`, balance - units)
  }

  /** Holders pass nothing on. */
  transfer(from: string): void {
    need(false, 'RewardTokenNotTransferable', from)
  }

  supply(program: string): number {
    return [...this.balances].filter(([key]) => key.startsWith(program)).reduce((sum, [, units]) => sum + units, 0)
  }
}

/** Reward programmes and their notes. */
export class ProgramsModel {
  readonly around: Surroundings
  readonly token: TokenModel
  readonly owner: string
  readonly domain: { name: string; version: string; chainId: bigint; verifyingContract: string }
  /** Contracts that may move units can be no merchants. */
  readonly operators: readonly string[]
  readonly programs = new Map<string, ProgramModel>()
  readonly merchants = new Map<string, { city: string; registered: boolean }>()
  readonly spent = new Set<string>()
  readonly moduli = new Set<string>()

  constructor(around: Surroundings, token: TokenModel, owner: string, chainId: bigint, operators: readonly string[]) {
    this.around = around
    this.token = token
    this.owner = owner
    this.domain = { name: 'Symbolon', version: '1', chainId, verifyingContract: around.address }
    this.operators = operators
  }

  /** Keys are distinct, of ascending powers of two and one length, unless they were used before. */
  create(from: string, program: string, city: string, name: string, sponsor: string, start: number, until: number, keys: readonly PublicNoteKey[]): void {
    const { guardian, cities, address, clock } = this.around
    guardian.requireRunning(address)
    cities.requireActiveController(city, from)
    need(name !== '', 'RewardProgramsInvalidName', name)
    need(sponsor !== zeroAddress, 'RewardProgramsInvalidSponsor', sponsor)
    need(start <= until && until >= clock.now, 'RewardProgramsInvalidPeriod', start, until)
    need(!this.programs.has(program), 'RewardProgramsAlreadyExists', program)
    need(keys.length > 0, 'RewardProgramsInvalidDenominations', 0, 0)
    let highest = 0
    for (const { value, modulus } of keys) {
      need([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].some((power) => 2 ** power === value) && value > highest, 'RewardProgramsInvalidValue', value)
      highest = value
      need(!this.moduli.has(hexlify(modulus)), 'RewardProgramsModulusInUse', '*')
    }
    for (const { modulus } of keys) this.moduli.add(hexlify(modulus))
    this.programs.set(program, { city, from: start, until, closed: false, shared: false, sponsor, funded: 0, redeemed: 0, keys })
  }

  fund(from: string, program: string, units: number): void {
    this.around.guardian.requireRunning(this.around.address)
    const record = this.find(program)
    this.around.cities.requireActiveController(record.city, from)
    need(!record.shared, 'RewardProgramsShared', program)
    this.addFunds(program, units)
  }

  fundShared(from: string, program: string, units: number): void {
    this.onlyOwner(from)
    need(this.find(program).shared, 'RewardProgramsNotShared', program)
    this.addFunds(program, units)
  }

  share(from: string, program: string): void {
    this.around.guardian.requireRunning(this.around.address)
    const record = this.find(program)
    this.around.cities.requireActiveController(record.city, from)
    need(!record.shared, 'RewardProgramsShared', program)
    this.requireNotEnded(program)
    record.shared = true
  }

  endShared(from: string, program: string, until: number): void {
    this.onlyOwner(from)
    const record = this.find(program)
    need(record.shared, 'RewardProgramsNotShared', program)
    const earliest = this.around.clock.now + 30 * 86_400
    need(earliest <= until && until < record.until, 'RewardProgramsInvalidEnd', program, until, earliest, record.until)
    need(record.from <= until, 'RewardProgramsInvalidPeriod', record.from, until)
    record.until = until
  }

  registerMerchant(from: string, city: string, merchant: string): void {
    this.around.guardian.requireRunning(this.around.address)
    this.around.cities.requireActiveController(city, from)
    need(merchant !== zeroAddress && !this.operators.includes(merchant), 'RewardProgramsInvalidMerchant', merchant)
    const known = this.merchants.get(merchant)
    need(known === undefined || known.city === city, 'RewardProgramsMerchantOfOtherCity', merchant, known?.city)
    need(known?.registered !== true, 'RewardProgramsMerchantAlreadyRegistered', city, merchant)
    this.merchants.set(merchant, { city, registered: true })
  }

  withdrawMerchant(from: string, city: string, merchant: string): void {
    this.around.cities.requireActiveController(city, from)
    this.requireMerchant(city, merchant)
    this.merchants.set(merchant, { city, registered: false })
  }

  redeem(program: string, merchant: string, order: string, deadline: number, notes: readonly SignedNote[]): void {
    const { guardian, cities, address, clock } = this.around
    guardian.requireRunning(address)
    need(clock.now <= deadline, 'RewardProgramsDeadlinePassed', deadline)
    const record = this.find(program)
    need(record.from <= clock.now && clock.now <= record.until, 'RewardProgramsNotOpen', program, record.from, record.until)
    need(cities.isActive(record.city), 'RewardProgramsCityNotActive', record.city)
    const payer = record.shared ? this.cityOfMerchant(merchant) : record.city
    this.requireMerchant(payer, merchant)
    need(cities.isActive(payer), 'RewardProgramsCityNotActive', payer)
    need(notes.length > 0, 'RewardProgramsNoNotes')
    const digest = TypedDataEncoder.hash(this.domain, redeemTypes, { program, merchant, order, deadline })
    const fresh = new Set<string>()
    let units = 0
    for (const note of notes) {
      const key = record.keys.find(({ value }) => value === note.value)
      need(key !== undefined, 'RewardProgramsUnknownDenomination', program, note.value)
      const owner = recoverAddress(digest, Signature.from(note.ownerSignature))
      need(!this.spent.has(`${program},${owner}`) && !fresh.has(owner), 'RewardProgramsNoteSpent', program, owner)
      need(isSigned(key.modulus, note.rsaSignature, owner), 'RewardProgramsNoteInvalid', program, owner)
      fresh.add(owner)
      units += note.value
    }
    const left = record.funded - record.redeemed
    need(units <= left, 'RewardProgramsBudgetExceeded', program, units, left)
    for (const owner of fresh) this.spent.add(`${program},${owner}`)
    record.redeemed += units
    this.token.take(program, address, units)
    this.token.add(program, merchant, units)
  }

  close(program: string): void {
    const { guardian, address, clock } = this.around
    guardian.requireRunning(address)
    const record = this.find(program)
    need(clock.now > record.until, 'RewardProgramsNotEnded', program, record.until)
    need(!record.closed, 'RewardProgramsAlreadyClosed', program)
    record.closed = true
    this.token.take(program, address, record.funded - record.redeemed)
  }

  cityOfMerchant(merchant: string): string {
    return this.merchants.get(merchant)?.city ?? noCity
  }

  private addFunds(program: string, units: number): void {
    need(units !== 0, 'RewardProgramsInvalidUnits', units)
    this.requireNotEnded(program)
    this.find(program).funded += units
    this.token.add(program, this.around.address, units)
  }

  private onlyOwner(from: string): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount', from)
  }

  private find(program: string): ProgramModel {
    const record = this.programs.get(program)
    need(record !== undefined, 'RewardProgramsUnknownProgram', program)
    return record
  }

  private requireNotEnded(program: string): void {
    const { from, until } = this.find(program)
    need(this.around.clock.now <= until, 'RewardProgramsNotOpen', program, from, until)
  }

  private requireMerchant(city: string, merchant: string): void {
    const known = this.merchants.get(merchant)
    need(known?.registered === true && known.city === city, 'RewardProgramsMerchantNotRegistered', city, merchant)
  }
}

const publicKeys = new Map<string, KeyObject>()

/** Whether the signature to the power of 65537 is the note's full-domain hash, in OpenSSL's arithmetic. */
function isSigned(modulus: Buffer, signature: string, note: string): boolean {
  const bytes = Buffer.from(signature.slice(2), 'hex')
  if (bytes.length !== modulus.length || Buffer.compare(bytes, modulus) >= 0) return false
  const n = modulus.toString('base64url')
  const key = publicKeys.get(n) ?? createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
  publicKeys.set(n, key)
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, bytes).equals(fullDomainHash(modulus, note))
}

/** What cities owe merchants and each other. */
export class SettlementModel {
  readonly around: Surroundings
  readonly programs: ProgramsModel
  readonly requests = new Map<string, { merchant: string; payer: string; debtor: string; paid: boolean; program: string; units: number }>()
  readonly debts = new Map<string, number>()
  readonly owed = new Map<string, number>()
  readonly burnt = new Map<string, number>()

  constructor(around: Surroundings, programs: ProgramsModel) {
    this.around = around
    this.programs = programs
  }

  request(from: string, program: string, units: number, ref: string): void {
    this.around.guardian.requireRunning(this.around.address)
    const debtor = this.programs.programs.get(program)?.city
    need(debtor !== undefined, 'SettlementUnknownProgram', program)
    need(units !== 0, 'SettlementInvalidUnits', units)
    need(!this.requests.has(ref), 'SettlementAlreadyRequested', ref)
    this.programs.token.take(program, from, units)
    const payer = this.programs.cityOfMerchant(from)
    this.requests.set(ref, { merchant: from, payer, debtor, paid: false, program, units })
    increase(this.debts, `${payer},${from}`, units)
    increase(this.burnt, program, units)
    if (debtor !== payer) increase(this.owed, `${debtor},${payer}`, units)
  }

  markPaid(from: string, ref: string, bank: boolean): void {
    const found = this.requests.get(ref)
    need(found !== undefined, 'SettlementUnknownRequest', ref)
    this.around.cities.requireController(found.payer, from)
    need(bank, 'SettlementMissingBankReference', ref)
    need(!found.paid, 'SettlementAlreadyPaid', ref)
    found.paid = true
    increase(this.debts, `${found.payer},${found.merchant}`, -found.units)
  }

  settleNet(from: string, debtor: string, creditor: string, units: number, bank: boolean): void {
    this.around.cities.requireController(creditor, from)
    need(bank, 'SettlementMissingNetReference', debtor, creditor)
    need(units !== 0, 'SettlementInvalidUnits', units)
    const owed = this.owed.get(`${debtor},${creditor}`) ?? 0
    need(units <= owed, 'SettlementExceedsOwed', debtor, creditor, units, owed)
    increase(this.owed, `${debtor},${creditor}`, -units)
  }

  /** What the others owe a city, less what it owes them. */
  net(city: string): number {
    return [...this.owed].reduce((sum, [pair, units]) => {
      const [debtor, creditor] = pair.split(',')
      return sum + (creditor === city ? units : 0) - (debtor === city ? units : 0)
    }, 0)
  }
}

function increase(map: Map<string, number>, key: string, units: number): void {
  map.set(key, (map.get(key) ?? 0) + units)
}
