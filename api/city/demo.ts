import { createHash } from 'node:crypto'
import { ApiError } from '../platform/errors.ts'
import type { MerchantsService } from '../merchants/service.ts'
import type { RewardsService } from '../rewards/service.ts'
import type { RegistrationStep } from './registration.ts'

const DEMO_BUDGET = 100_000
const DEMO_DAYS = 365
/** The bank's own example of an IBAN of each country (ISO 13616 registry). */
const DEMO_IBANS: Readonly<Record<string, string>> = {
  PT: 'PT50000201231234567890154', FR: 'FR1420041010050500013M02606',
}

export interface DemoOptions {
  readonly locode: string
  readonly programName: string
  readonly merchantName: string
  readonly merchantLogin: string
  readonly rewards: Pick<RewardsService, 'createProgram' | 'findProgram'>
  readonly merchants: Pick<MerchantsService, 'register' | 'findMerchantIdByLogin'>
  readonly isMerchantOnChain: (merchantId: string) => Promise<boolean>
  readonly isActive: () => Promise<boolean>
  /** Address of RewardPrograms: each contract has a demonstration programme of its own. */
  readonly contract: () => Promise<string>
  readonly clock: () => Date
}

/** A programme and a merchant, so that a newcomer has something to try. */
export function createDemoSteps(options: DemoOptions): readonly RegistrationStep[] {
  const { rewards, merchants } = options
  const nameProgram = async (): Promise<string> =>
    `0x${createHash('sha256').update(`symbolon-demo-program:${options.locode}:${await options.contract()}`).digest('hex')}`
  return [
    {
      name: 'demonstration programme',
      optional: false,
      isDone: async () => ((await rewards.findProgram(await nameProgram()))?.totals?.funded ?? 0n) > 0n,
      async act() {
        const programId = await nameProgram()
        if (!await options.isActive() || await rewards.findProgram(programId) !== undefined) return
        await rewards.createProgram({
          programId, name: options.programName, units: DEMO_BUDGET, validUntil: new Date(options.clock().getTime() + DEMO_DAYS * 86_400_000),
        })
      },
    },
    {
      name: 'demonstration merchant',
      optional: false,
      async isDone() {
        const merchantId = await merchants.findMerchantIdByLogin(options.merchantLogin)
        return merchantId !== undefined && await options.isMerchantOnChain(merchantId)
      },
      async act() {
        if (!await options.isActive() || await merchants.findMerchantIdByLogin(options.merchantLogin) !== undefined) return
        await merchants.register({
          name: options.merchantName, iban: DEMO_IBANS[options.locode.slice(0, 2)] ?? 'BE71096123456769', login: options.merchantLogin, withLogin: false,
        }).catch((error: unknown) => {
          // Another process was faster.
          if (!(error instanceof ApiError && error.code === 'ERR_LOGIN_TAKEN')) throw error
        })
      },
    },
  ]
}
