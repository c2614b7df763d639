import { ZeroAddress } from 'ethers'
import { cityStatusAt } from '../agent/trust-lists/standing.ts'
import type {
  ChainPlace, RegisteredAccreditation, RegisteredCity, RegisteredRecognition, Suspension, TrustRegister
} from '../agent/trust-lists/trust-register.ts'
import type { IssuerPublicJwk } from '../agent/trust.ts'
import { toBase64url, toLocode, toSeconds } from './indexer/event-args.ts'
import type { DecodedEvent } from './indexer/event-log.ts'
import { toBenefitClasses } from './queries.ts'

/** A city but for what depends on the time of asking. */
export type FoldedCity = Omit<RegisteredCity, 'status'>

/** What the trust events up to some block add up to. Its records are never changed, only replaced. */
export interface TrustFold {
  readonly cities: Map<string, FoldedCity>
  /** By city, key, type and place on the chain. */
  readonly accreditations: Map<string, RegisteredAccreditation>
  /** By recogniser, issuer and type, each in the order of the chain; of each at most the last has not ended. */
  readonly recognitions: Map<string, readonly RegisteredRecognition[]>
}

/** The contracts whose events a fold follows. */
export const trustContracts = ['CityRegistry', 'IssuerRegistry', 'RecognitionRegistry'] as const

export function createTrustFold(from?: TrustFold): TrustFold {
  return { cities: new Map(from?.cities), accreditations: new Map(from?.accreditations), recognitions: new Map(from?.recognitions) }
}

/** Brings a fold from the state before an event to the state after it. Events it does not know change nothing. */
export function applyTrustEvent(fold: TrustFold, event: DecodedEvent): void {
  steps[`${event.contract}.${event.event}`]?.(fold, event)
}

/** What a fold says of a time, in the order in which a register says it. */
export function toRegister(
  { cities, accreditations, recognitions }: TrustFold,
  { authority, block, atSeconds }: Pick<TrustRegister, 'authority' | 'block' | 'atSeconds'>
): TrustRegister {
  const registered = [...cities.values()].map((city): RegisteredCity => {
    const status = cityStatusAt(city, atSeconds)
    return { ...city, status, suspensionReason: status === 'suspended' ? city.suspensionReason : 0 }
  })
  return {
    authority,
    block,
    atSeconds,
    cities: registered.sort((a, b) => compare(a.locode, b.locode)),
    // Stable: those of one city stay in the order of the chain.
    accreditations: [...accreditations.values()].sort((a, b) => compare(a.locode, b.locode)),
    recognitions: [...recognitions.values()].flat().sort(
      (a, b) => compare(a.recogniser, b.recogniser) || compare(a.issuer, b.issuer) || compare(a.credentialType, b.credentialType)
    )
  }
}

type Step = (fold: TrustFold, event: DecodedEvent) => void

const steps: Readonly<Record<string, Step>> = {
  'CityRegistry.CityAdmitted': ({ cities }, event) => {
    const { args } = event
    const locode = toLocode(args['city'])
    const admitted = placeOf(event)
    const controller = String(args['controller'])
    cities.set(locode, {
      locode,
      name: String(args['name']),
      did: String(args['did']),
      serviceUrl: String(args['serviceUrl']),
      suspensionReason: 0,
      controller,
      admittedAtSeconds: admitted.atSeconds,
      admitted,
      suspensions: [],
      controllers: [{ account: controller, since: admitted }]
    })
  },
  'CityRegistry.CityActivated': (fold, event) => {
    const { args } = event
    change(fold, args, (city) => ({
      ...city,
      activated: placeOf(event),
      agreementHash: String(args['agreementHash']),
      dpiaHash: String(args['dpiaHash'])
    }))
  },
  'CityRegistry.CitySuspended': (fold, event) => {
    const { args } = event
    const suspension: Suspension = { reason: Number(args['reason']), untilSeconds: toSeconds(args['until']), suspended: placeOf(event) }
    change(fold, args, (city) => ({
      ...city,
      suspensionReason: suspension.reason,
      suspendedUntilSeconds: suspension.untilSeconds,
      suspensions: [...city.suspensions, suspension]
    }))
  },
  'CityRegistry.CityReinstated': (fold, event) => {
    change(fold, event.args, ({ suspendedUntilSeconds: _over, ...city }) => ({
      ...city,
      suspensionReason: 0,
      suspensions: changeLast(city.suspensions, (last) => ({ ...last, reinstated: placeOf(event) }))
    }))
  },
  'CityRegistry.SuspensionAppealed': (fold, event) => {
    const appealed = { ...placeOf(event), statementHash: String(event.args['statementHash']) }
    change(fold, event.args, (city) => ({ ...city, suspensions: changeLast(city.suspensions, (last) => ({ ...last, appealed })) }))
  },
  'CityRegistry.CityRemoved': (fold, event) => change(fold, event.args, (city) => ({ ...city, removed: placeOf(event) })),
  'CityRegistry.ServiceUrlChanged': (fold, { args }) => change(fold, args, (city) => ({ ...city, serviceUrl: String(args['serviceUrl']) })),
  'CityRegistry.ControllerChanged': (fold, event) => {
    const account = String(event.args['controller'])
    if (account === ZeroAddress) return
    change(fold, event.args, (city) => ({
      ...city, controller: account, controllers: [...city.controllers, { account, since: placeOf(event) }]
    }))
  },

  'IssuerRegistry.IssuerAccredited': ({ accreditations }, event) => {
    const { args } = event
    const publicJwk: IssuerPublicJwk = { kty: 'EC', crv: 'P-256', x: toBase64url(args['x']), y: toBase64url(args['y']) }
    accreditations.set(`${accreditationKey(args)} ${event.blockNumber} ${event.logIndex}`, {
      locode: toLocode(args['city']),
      thumbprint: toBase64url(args['thumbprint']),
      publicJwk,
      credentialType: String(args['credentialType']),
      validFromSeconds: toSeconds(args['validFrom']),
      validUntilSeconds: toSeconds(args['validUntil']),
      accredited: placeOf(event),
      withdrawals: []
    })
  },
  'IssuerRegistry.IssuerWithdrawn': ({ accreditations }, event) => {
    const withdrawal = { ...placeOf(event), untrustedFromSeconds: toSeconds(event.args['untrustedFrom']) }
    for (const [key, accreditation] of accreditations) {
      if (!key.startsWith(`${accreditationKey(event.args)} `)) continue
      const { untrustedFromSeconds } = withdrawal
      accreditations.set(key, { ...accreditation, untrustedFromSeconds, withdrawals: [...accreditation.withdrawals, withdrawal] })
    }
  },

  'RecognitionRegistry.RecognitionGranted': ({ recognitions }, event) => {
    const { args } = event
    const granted = {
      recogniser: toLocode(args['recogniser']),
      issuer: toLocode(args['issuer']),
      credentialType: String(args['credentialType']),
      benefitClasses: toBenefitClasses(String(args['benefitClasses'])),
      validUntilSeconds: toSeconds(args['validUntil']),
      granted: placeOf(event)
    }
    recognitions.set(recognitionKey(args), [...endLast(recognitions, event), granted])
  },
  'RecognitionRegistry.RecognitionWithdrawn': ({ recognitions }, event) => {
    recognitions.set(recognitionKey(event.args), endLast(recognitions, event))
  }
}

function placeOf({ blockNumber, transactionHash, logIndex, blockTimeSeconds }: DecodedEvent): ChainPlace {
  return { blockNumber, transactionHash, logIndex, atSeconds: blockTimeSeconds }
}

function change({ cities }: TrustFold, args: DecodedEvent['args'], next: (city: FoldedCity) => FoldedCity): void {
  const locode = toLocode(args['city'])
  const city = cities.get(locode)
  if (city !== undefined) cities.set(locode, next(city))
}

function changeLast<Item>(items: readonly Item[], next: (last: Item) => Item): readonly Item[] {
  const last = items.at(-1)
  return last === undefined ? items : [...items.slice(0, -1), next(last)]
}

function endLast(recognitions: TrustFold['recognitions'], event: DecodedEvent): readonly RegisteredRecognition[] {
  const terms = recognitions.get(recognitionKey(event.args)) ?? []
  return changeLast(terms, (last) => ({ ended: placeOf(event), ...last }))
}

function accreditationKey(args: DecodedEvent['args']): string {
  return `${toLocode(args['city'])} ${toBase64url(args['thumbprint'])} ${String(args['typeId'])}`
}

function recognitionKey(args: DecodedEvent['args']): string {
  return `${toLocode(args['recogniser'])} ${toLocode(args['issuer'])} ${String(args['typeId'])}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
