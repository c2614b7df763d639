import { startOfDaySeconds } from '../../agent/formats/city-card-claims.ts'
import { controllerAccount, locodeBytes, type CityIdentity } from './identity.ts'
import type { PatientSender } from '../platform/patient-sender.ts'

const ACCREDITED_DAYS = 3 * 365
const AGREEMENT_DAYS = 3 * 365
const SECONDS_A_DAY = 86_400
/** Benefit classes that the demonstration's agreement covers: bits 0 to 7. */
const ALL_BENEFIT_CLASSES = 255

/** What registration needs of the index. */
export interface RegistrationIndex {
  findCity(locode: string): Promise<{ readonly status: string; readonly serviceUrl: string; readonly did: string } | undefined>
  isAccredited(thumbprint: string, credentialType: string): Promise<boolean>
  isRecognised(issuer: string, credentialType: string): Promise<boolean>
}

/** Something the city must have done before, or while, it serves. */
export interface RegistrationStep {
  readonly name: string
  /** Whether the city can serve without it: another city may not be there yet. */
  readonly optional: boolean
  isDone(): Promise<boolean>
  /** Does it, or asks the chain to. Called again and again until it is done: changes nothing the second time. */
  act(): Promise<void>
}

export interface RegistrationOptions {
  readonly identity: CityIdentity
  readonly index: RegistrationIndex
  readonly sender: PatientSender
  readonly recognise: readonly string[]
  readonly clock: () => Date
}

/** The steps by which an admitted city takes its place: its issuer key accredited, other cities recognised. */
export function createRegistrationSteps(options: RegistrationOptions): readonly RegistrationStep[] {
  const { identity, index, sender, clock } = options
  const today = (): number => startOfDaySeconds(Math.floor(clock().getTime() / 1000))
  const isActive = async (): Promise<boolean> => (await index.findCity(identity.locode))?.status === 'active'
  const coordinate = (value: string): string => `0x${Buffer.from(value, 'base64url').toString('hex').padStart(64, '0')}`
  return [
    { name: 'activation by the federation', optional: false, isDone: isActive, act: async () => undefined },
    {
      name: 'accreditation of the issuer key',
      optional: false,
      isDone: async () => await index.isAccredited(identity.issuerThumbprint, identity.credentialType),
      async act() {
        if (!await isActive()) return
        await sender.send({
          account: controllerAccount, contract: 'IssuerRegistry', method: 'accredit', key: `accredit:${identity.issuerThumbprint}:${identity.credentialType}`,
          args: [
            locodeBytes(identity.locode), coordinate(identity.issuerJwk.x), coordinate(identity.issuerJwk.y), identity.credentialType,
            today(), today() + ACCREDITED_DAYS * SECONDS_A_DAY,
          ],
        }, { until: 'taken' })
      },
    },
    ...options.recognise.map((other): RegistrationStep => ({
      name: `agreement with ${other}`,
      optional: true,
      async isDone() {
        const city = await index.findCity(other)
        return city !== undefined && await index.isRecognised(other, `${city.serviceUrl}/vct/city-card`)
      },
      async act() {
        const city = await index.findCity(other)
        if (city?.status !== 'active' || !await isActive()) return
        const credentialType = `${city.serviceUrl}/vct/city-card`
        await sender.send({
          account: controllerAccount, contract: 'RecognitionRegistry', method: 'recognise', key: `recognise:${other}:${credentialType}`,
          args: [locodeBytes(identity.locode), locodeBytes(other), credentialType, ALL_BENEFIT_CLASSES, today() + AGREEMENT_DAYS * SECONDS_A_DAY],
        }, { until: 'taken' })
      },
    })),
  ]
}

/** Steps that are not done. */
export async function listOpenSteps(steps: readonly RegistrationStep[]): Promise<readonly RegistrationStep[]> {
  const open: RegistrationStep[] = []
  for (const step of steps) if (!await step.isDone()) open.push(step)
  return open
}
