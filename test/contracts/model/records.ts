import { createHash } from 'node:crypto'
import { id, solidityPackedKeccak256 } from 'ethers'
import type { CitiesModel, GuardianModel } from './membership.ts'
import { need, zeroAddress, zeroHash, type Clock } from './refusal.ts'

/** What all contracts of cities share: where they stand, who may stop them, who acts for a city. */
export interface Surroundings {
  readonly clock: Clock
  readonly guardian: GuardianModel
  readonly cities: CitiesModel
  readonly address: string
}

const untouched = 2n ** 64n - 1n

/** Issuer keys. Whether coordinates are a point of the curve is told by whoever makes them up. */
export class IssuersModel {
  readonly around: Surroundings
  readonly accreditations = new Map<string, { from: number; until: number; untrustedFrom: bigint }>()

  constructor(around: Surroundings) {
    this.around = around
  }

  static thumbprint(x: string, y: string): string {
    const base64url = (hex: string): string => Buffer.from(hex.slice(2), 'hex').toString('base64url')
    return `0x${createHash('sha256').update(JSON.stringify({ crv: 'P-256', kty: 'EC', x: base64url(x), y: base64url(y) })).digest('hex')}`
  }

  accredit(from: string, city: string, key: { x: string; y: string; valid: boolean }, type: string, validFrom: number, validUntil: number): void {
    const { guardian, cities, address, clock } = this.around
    guardian.requireRunning(address)
    cities.requireActiveController(city, from)
    need(type !== '', 'IssuerRegistryInvalidType', type)
    need(key.valid, 'IssuerRegistryInvalidKey', key.x, key.y)
    need(validFrom <= validUntil && validUntil >= clock.now, 'IssuerRegistryInvalidPeriod', validFrom, validUntil)
    const thumbprint = IssuersModel.thumbprint(key.x, key.y)
    const name = [city, thumbprint, id(type)].join()
    need(!this.accreditations.has(name), 'IssuerRegistryAlreadyAccredited', city, thumbprint, id(type))
    this.accreditations.set(name, { from: validFrom, until: validUntil, untrustedFrom: untouched })
  }

  withdraw(from: string, city: string, thumbprint: string, typeId: string, untrustedFrom: number): void {
    this.around.cities.requireController(city, from)
    const found = this.accreditations.get([city, thumbprint, typeId].join())
    need(found !== undefined, 'IssuerRegistryNotAccredited', city, thumbprint, typeId)
    need(BigInt(untrustedFrom) < found.untrustedFrom, 'IssuerRegistryInvalidWithdrawal', untrustedFrom, found.untrustedFrom)
    found.untrustedFrom = BigInt(untrustedFrom)
  }

  isTrustedAt(city: string, thumbprint: string, typeId: string, time: number): boolean {
    const found = this.accreditations.get([city, thumbprint, typeId].join())
    return found !== undefined && found.from <= time && time <= found.until && BigInt(time) < found.untrustedFrom
  }
}

/** Whose cards a city takes. */
export class RecognitionsModel {
  readonly around: Surroundings
  readonly recognitions = new Map<string, { benefits: number; until: number }>()

  constructor(around: Surroundings) {
    this.around = around
  }

  recognise(from: string, recogniser: string, issuer: string, type: string, benefits: number, until: number): void {
    const { guardian, cities, address, clock } = this.around
    guardian.requireRunning(address)
    cities.requireActiveController(recogniser, from)
    need(cities.isActive(issuer), 'RecognitionRegistryIssuerNotActive', issuer)
    need(type !== '', 'RecognitionRegistryInvalidType', type)
    need(recogniser !== issuer, 'RecognitionRegistrySelfRecognition', issuer)
    need(benefits !== 0, 'RecognitionRegistryNoBenefits', benefits)
    need(until >= clock.now, 'RecognitionRegistryInvalidPeriod', until)
    this.recognitions.set([recogniser, issuer, id(type)].join(), { benefits, until })
  }

  withdraw(from: string, recogniser: string, issuer: string, typeId: string): void {
    this.around.cities.requireController(recogniser, from)
    const known = this.recognitions.delete([recogniser, issuer, typeId].join())
    need(known, 'RecognitionRegistryNotRecognised', recogniser, issuer, typeId)
  }
}

/** A list is its city's: nobody opens it in another's place. */
export const listIdOf = (city: string, uri: string): string => solidityPackedKeccak256(['bytes5', 'string'], [city, uri])

/** Status lists and their epochs. */
export class StatusListsModel {
  readonly around: Surroundings
  readonly lists = new Map<string, { city: string; epoch: number; digest: string; size: number; time: number }>()

  constructor(around: Surroundings) {
    this.around = around
  }

  create(from: string, city: string, uri: string, size: number): void {
    const { guardian, cities, address, clock } = this.around
    guardian.requireRunning(address)
    cities.requireActiveController(city, from)
    need(uri !== '', 'StatusListsInvalidUri', uri)
    need(size >= 2 ** 20 && size % 8 === 0, 'StatusListsInvalidSize', size)
    const listId = listIdOf(city, uri)
    need(!this.lists.has(listId), 'StatusListsAlreadyExists', listId)
    this.lists.set(listId, { city, epoch: 0, digest: zeroHash, size, time: clock.now })
  }

  publish(from: string, listId: string, epoch: number, digest: string): void {
    const { guardian, cities, address, clock } = this.around
    guardian.requireRunning(address)
    const list = this.lists.get(listId)
    need(list !== undefined, 'StatusListsUnknownList', listId)
    cities.requireActiveController(list.city, from)
    need(digest !== zeroHash, 'StatusListsMissingDigest', listId)
    need(epoch === list.epoch + 1, 'StatusListsWrongEpoch', listId, epoch, list.epoch + 1)
    Object.assign(list, { epoch, digest, time: clock.now })
  }
}

/** The roots of the cities' logs. */
export class AnchorsModel {
  readonly around: Surroundings
  readonly heads = new Map<string, { size: number; time: number; root: string }>()

  constructor(around: Surroundings) {
    this.around = around
  }

  anchor(from: string, city: string, log: number, size: number, root: string): void {
    const { guardian, cities, address, clock } = this.around
    guardian.requireRunning(address)
    cities.requireActiveController(city, from)
    need(root !== zeroHash, 'AnchorsMissingRoot', city, log)
    const current = this.heads.get(`${city},${log}`)?.size ?? 0
    need(size > current, 'AnchorsNotGrowing', city, log, size, current)
    this.heads.set(`${city},${log}`, { size, time: clock.now, root })
  }
}

/** The federation's contracts by name. */
export class DirectoryModel {
  readonly owner: string
  readonly codeHashes: ReadonlyMap<string, string>
  readonly entries = new Map<string, { target: string; codeHash: string }>()

  constructor(owner: string, codeHashes: ReadonlyMap<string, string>) {
    this.owner = owner
    this.codeHashes = codeHashes
  }

  set(from: string, name: string, target: string, codeHash: string): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount', from)
    need(name !== zeroHash, 'DirectoryEmptyName')
    const actual = target === zeroAddress ? zeroHash : this.codeHashes.get(target)
    need(actual !== undefined, 'DirectoryNoCode', target)
    need(codeHash === actual, 'DirectoryCodeHashMismatch', target, codeHash, actual)
    this.entries.set(name, { target, codeHash })
  }
}
