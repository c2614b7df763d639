import { createHash } from 'node:crypto'
import { hexlify, JsonRpcProvider, toUtf8Bytes, Wallet, ZeroAddress, type ContractTransactionResponse } from 'ethers'
import { createContracts } from '../../chain/contracts.ts'
import type { Deployment } from '../../chain/deployment.ts'
import { SetupError } from './setup-error.ts'

export interface Admission {
  readonly rpcUrl: string
  /** Key of the account that owns the registry. */
  readonly deployerPrivateKey: string
  readonly deployment: Deployment
  readonly locode: string
  /** What the city is called, in its own language. */
  readonly name: string
  readonly did: string
  /** Account the city signs its own transactions with. */
  readonly controller: string
  readonly serviceUrl: string
}

/** As CityRegistry counts them. */
const ADMITTED = 1n
const ACTIVE = 2n

function demoHash(text: string): string {
  return `0x${createHash('sha256').update(text).digest('hex')}`
}

/**
 * Admits and activates a city of the demo; does nothing that was done before.
 * @throws SetupError when the registry knows the city with another controller.
 */
export async function admitCity(admission: Admission): Promise<void> {
  // A cached answer to "how many transactions were sent" would give two transactions the same number.
  const provider = new JsonRpcProvider(admission.rpcUrl, admission.deployment.chainId, { staticNetwork: true, cacheTimeout: -1 })
  try {
    const owner = new Wallet(admission.deployerPrivateKey, provider)
    const { CityRegistry } = createContracts(admission.deployment, owner)
    const city = hexlify(toUtf8Bytes(admission.locode))
    const known = await CityRegistry.cityOf(city)
    if (known.controller !== ZeroAddress && known.controller !== admission.controller) {
      throw new SetupError(
        `The chain knows ${admission.locode} with another key than this data folder holds: restore the folder's own backup, or begin anew with --fresh.`
      )
    }
    if (known.status < ADMITTED) {
      await mined(CityRegistry.admit(city, admission.name, admission.did, admission.controller, admission.serviceUrl))
    }
    if (known.status < ACTIVE) {
      const agreement = demoHash(`${admission.locode}: joint-controller agreement of the demonstration`)
      const dpia = demoHash(`${admission.locode}: data protection impact assessment of the demonstration`)
      await mined(CityRegistry.activate(city, agreement, dpia))
    }
  } finally {
    provider.destroy()
  }
}

async function mined(sending: Promise<ContractTransactionResponse>): Promise<void> {
  const receipt = await (await sending).wait()
  if (receipt?.status !== 1) throw new SetupError('The chain refused to admit a city: begin anew with --fresh.')
}
