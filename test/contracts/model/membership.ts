import { need, noCity, zeroAddress, zeroHash, type Clock } from './refusal.ts'

/** The guardian, and what it stopped. Targets are names of contracts' addresses. */
export class GuardianModel {
  readonly clock: Clock
  readonly owner: string
  guardian = zeroAddress
  readonly until = new Map<string, number>()
  readonly incidents = new Set<string>()
  readonly hasCode: (address: string) => boolean

  constructor(clock: Clock, owner: string, hasCode: (address: string) => boolean) {
    this.clock = clock
    this.owner = owner
    this.hasCode = hasCode
  }

  appoint(from: string, account: string): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount', from)
    this.guardian = account
  }

  pause(from: string, target: string, incident: string): void {
    need(from === this.guardian, 'GuardianNotGuardian', from)
    need(this.hasCode(target), 'GuardianNoCode', target)
    need(incident !== zeroHash, 'GuardianMissingIncident', target)
    need(!this.incidents.has(incident), 'GuardianIncidentUsed', incident)
    need(!this.until.has(target), 'GuardianNotCleared', target, this.until.get(target))
    this.incidents.add(incident)
    this.until.set(target, this.clock.now + 72 * 3600)
  }

  clear(from: string, target: string): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount', from)
    need(this.until.has(target), 'GuardianNothingToClear', target)
    this.until.delete(target)
  }

  requireRunning(target: string): void {
    const until = this.until.get(target) ?? 0
    need(this.clock.now > until, 'GuardianPaused', target, until)
  }
}

export type Status = 'unknown' | 'admitted' | 'active' | 'suspended' | 'removed'
export const statusCodes: readonly Status[] = ['unknown', 'admitted', 'active', 'suspended', 'removed']

export interface CityModel {
  status: Status
  controller: string
  recovery: string
  pendingController: string
  acceptableFrom: number
  offerProtected: boolean
  suspensionReason: number
  suspendedUntil: number
  appealed: boolean
  admittedAt: number
  agreementHash: string
  dpiaHash: string
  name: string
  did: string
  serviceUrl: string
}

const unknownCity: Readonly<CityModel> = {
  status: 'unknown', controller: zeroAddress, recovery: zeroAddress, pendingController: zeroAddress, acceptableFrom: 0, offerProtected: false,
  suspensionReason: 0, suspendedUntil: 0, appealed: false, admittedAt: 0, agreementHash: zeroHash, dpiaHash: zeroHash, name: '', did: '', serviceUrl: '',
}

/** The registry of cities and their seats, as the documents of the federation describe them. */
export class CitiesModel {
  readonly clock: Clock
  readonly owner: string
  readonly address: string
  readonly guardian: GuardianModel
  rotationDelay: number
  readonly records = new Map<string, CityModel>()
  /** Who ever acted for which city, but for those that were replaced. */
  readonly controllers = new Map<string, string>()
  readonly dids = new Map<string, string>()

  constructor(clock: Clock, owner: string, address: string, guardian: GuardianModel, rotationDelay: number) {
    this.clock = clock
    this.owner = owner
    this.address = address
    this.guardian = guardian
    this.rotationDelay = rotationDelay
  }

  city(city: string): CityModel {
    return this.records.get(city) ?? { ...unknownCity }
  }

  status(city: string): Status {
    const { status, suspendedUntil } = this.city(city)
    return status === 'active' && this.clock.now <= suspendedUntil ? 'suspended' : status
  }

  isActive(city: string): boolean {
    return this.status(city) === 'active'
  }

  /** The cities with a seat: those that were activated and not removed. */
  seats(): string[] {
    return [...this.records].filter(([, { status }]) => status === 'active').map(([city]) => city)
  }

  cityOfSeat(holder: string): string {
    return this.seats().find((city) => this.city(city).controller === holder) ?? noCity
  }

  admit(from: string, city: string, name: string, did: string, controller: string, recovery: string, serviceUrl: string): void {
    this.onlyOwner(from)
    need(/^[A-Z]{2}[A-Z2-9]{3}$/.test(Buffer.from(city.slice(2), 'hex').toString('latin1')), 'CityRegistryInvalidLocode', city)
    const bytes = Buffer.byteLength(name)
    need(bytes > 0 && bytes <= 64, 'CityRegistryInvalidName', name)
    need(did !== '', 'CityRegistryInvalidDid', did)
    need(controller !== zeroAddress, 'CityRegistryInvalidController', controller)
    need(recovery !== zeroAddress && recovery !== controller, 'CityRegistryInvalidRecovery', recovery)
    need(serviceUrl !== '', 'CityRegistryInvalidServiceUrl', serviceUrl)
    need(!this.records.has(city), 'CityRegistryAlreadyKnown', city)
    need(!this.dids.has(did), 'CityRegistryDidInUse', did, this.dids.get(did))
    this.requireUnused(controller)
    this.dids.set(did, city)
    this.controllers.set(controller, city)
    this.records.set(city, { ...unknownCity, status: 'admitted', controller, recovery, admittedAt: this.clock.now, name, did, serviceUrl })
  }

  activate(from: string, city: string, agreementHash: string, dpiaHash: string): void {
    this.onlyOwner(from)
    need(agreementHash !== zeroHash && dpiaHash !== zeroHash, 'CityRegistryMissingDocument', agreementHash, dpiaHash)
    this.requireStatus(city, 'admitted')
    Object.assign(this.city(city), { status: 'active', agreementHash, dpiaHash })
  }

  suspend(from: string, city: string, reason: number, until: number): void {
    this.onlyOwner(from)
    need(reason !== 0, 'CityRegistryMissingReason', city)
    need(until > this.clock.now, 'CityRegistryInvalidSuspension', until)
    const record = this.city(city)
    need(record.status === 'active', 'CityRegistryWrongStatus', city, statusCodes.indexOf(record.status))
    Object.assign(record, { suspensionReason: reason, suspendedUntil: until, appealed: false })
    dropOffer(record)
  }

  appeal(from: string, city: string, statementHash: string): void {
    need(statementHash !== zeroHash, 'CityRegistryMissingStatement', city)
    this.requireController(city, from)
    this.requireStatus(city, 'suspended')
    need(!this.city(city).appealed, 'CityRegistryAlreadyAppealed', city)
    this.city(city).appealed = true
  }

  reinstate(from: string, city: string): void {
    this.onlyOwner(from)
    this.requireStatus(city, 'suspended')
    Object.assign(this.city(city), { suspensionReason: 0, suspendedUntil: 0 })
  }

  remove(from: string, city: string): void {
    this.onlyOwner(from)
    this.requirePresent(city)
    this.city(city).status = 'removed'
    dropOffer(this.city(city))
  }

  setRotationDelay(from: string, delay: number): void {
    this.onlyOwner(from)
    need(delay >= 1 && delay <= 30 * 86_400, 'CityRegistryInvalidRotationDelay', delay)
    this.rotationDelay = delay
  }

  changeServiceUrl(from: string, city: string, serviceUrl: string): void {
    this.guardian.requireRunning(this.address)
    need(serviceUrl !== '', 'CityRegistryInvalidServiceUrl', serviceUrl)
    this.requireUnfrozen(city)
    this.requireController(city, from)
    this.city(city).serviceUrl = serviceUrl
  }

  offerController(from: string, city: string, controller: string): void {
    const record = this.city(city)
    const rescue = this.isRescue(from, city)
    if (!rescue) {
      this.guardian.requireRunning(this.address)
      this.requireUnfrozen(city)
      if (from !== record.recovery) {
        this.requireController(city, from)
        need(!record.offerProtected, 'CityRegistryOfferProtected', city, record.pendingController)
      }
    }
    if (controller === zeroAddress) {
      dropOffer(record)
      return
    }
    need(controller !== record.recovery, 'CityRegistryInvalidController', controller)
    this.requireUnused(controller)
    Object.assign(record, {
      pendingController: controller, acceptableFrom: this.clock.now + this.rotationDelay, offerProtected: rescue || from === record.recovery,
    })
  }

  vetoController(from: string, city: string): void {
    const record = this.city(city)
    need(from === this.owner || from === record.recovery, 'CityRegistryNotRecovery', city, from)
    need(record.pendingController !== zeroAddress, 'CityRegistryNothingOffered', city)
    dropOffer(record)
  }

  acceptController(from: string, city: string): void {
    this.guardian.requireRunning(this.address)
    this.requirePresent(city)
    const record = this.city(city)
    need(record.pendingController === from, 'CityRegistryNotOffered', city, from)
    need(this.clock.now >= record.acceptableFrom, 'CityRegistryTooEarly', city, record.acceptableFrom)
    this.requireUnused(from)
    this.controllers.delete(record.controller)
    this.controllers.set(from, city)
    record.controller = from
    dropOffer(record)
  }

  changeRecovery(from: string, city: string, recovery: string): void {
    const record = this.city(city)
    if (!this.isRescue(from, city)) {
      this.guardian.requireRunning(this.address)
      this.requireUnfrozen(city)
      need(record.recovery === from, 'CityRegistryNotRecovery', city, from)
    }
    need(![zeroAddress, record.controller, record.pendingController].includes(recovery), 'CityRegistryInvalidRecovery', recovery)
    record.recovery = recovery
  }

  requireActiveController(city: string, account: string): void {
    this.requireController(city, account)
    this.requireStatus(city, 'active')
  }

  requireController(city: string, account: string): void {
    need(this.city(city).controller === account, 'CityRegistryNotController', city, account)
  }

  private isRescue(from: string, city: string): boolean {
    return from === this.owner && this.status(city) === 'suspended'
  }

  private onlyOwner(from: string): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount', from)
  }

  private requireStatus(city: string, wanted: Status): void {
    need(this.status(city) === wanted, 'CityRegistryWrongStatus', city, statusCodes.indexOf(this.status(city)))
  }

  /** Admitted or activated, suspended or not; the refusal tells what is stored, so never "suspended". */
  private requirePresent(city: string): void {
    const { status } = this.city(city)
    need(status === 'admitted' || status === 'active', 'CityRegistryWrongStatus', city, statusCodes.indexOf(status))
  }

  private requireUnfrozen(city: string): void {
    const status = this.status(city)
    need(status === 'admitted' || status === 'active', 'CityRegistryWrongStatus', city, statusCodes.indexOf(status))
  }

  private requireUnused(controller: string): void {
    need(!this.controllers.has(controller), 'CityRegistryControllerInUse', controller, this.controllers.get(controller))
  }
}

function dropOffer(record: CityModel): void {
  Object.assign(record, { pendingController: zeroAddress, acceptableFrom: 0, offerProtected: false })
}
