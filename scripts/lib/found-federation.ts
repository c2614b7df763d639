import {
  getAddress, hexlify, id, JsonRpcProvider, toUtf8Bytes, ZeroAddress, ZeroHash, type ContractTransactionResponse,
} from 'ethers'
import { createContracts, encodeCall } from '../../chain/contracts.ts'
import type { Deployment } from '../../chain/deployment.ts'
import { decodeRevert, isRevert } from '../../chain/reverts.ts'
import type { FederationParameters } from './federation-parameters.ts'
import { findStrayPowers, ownedContracts } from './federation-powers.ts'
import { FoundingError } from './founding-error.ts'
import { ReserveWallet } from './reserve-wallet.ts'

/** A city that founds the federation with others. */
export interface FoundingCity {
  /** UN/LOCODE. */
  readonly locode: string
  /** What the city is called, in its own language. */
  readonly name: string
  readonly did: string
  /** Account the city signs its own transactions with. */
  readonly controller: string
  /** Account that vetoes changes of control; its key lies elsewhere. */
  readonly recovery: string
  readonly serviceUrl: string
  /** SHA-256 of the joint-controller agreement, 0x and 64 hexadecimal digits. */
  readonly agreementHash: string
  /** SHA-256 of the data protection impact assessment, 0x and 64 hexadecimal digits. */
  readonly dpiaHash: string
}

/** What {@link foundFederation} needs. */
export interface Founding {
  /** JSON-RPC address of a node of the chain. */
  readonly rpcUrl: string
  /** Private key of the account that deployed the contracts. Afterwards it is worth nothing. */
  readonly deployerPrivateKey: string
  readonly deployment: Deployment
  readonly cities: readonly FoundingCity[]
  /** Account that may pause new writes. */
  readonly guardian: string
  /** The parameters the contracts were deployed with. */
  readonly parameters: FederationParameters
}

/** Status numbers of CityRegistry. */
const ADMITTED = 1n
const ACTIVE = 2n
const MINED_WITHIN_MS = 120_000
/** Names the one operation that the deployer puts through the timelock. */
const FOUNDING_SALT = id('symbolon founding')

type Contracts = ReturnType<typeof createContracts>

/** A founding under way. */
interface Ceremony {
  readonly founding: Founding
  readonly contracts: Contracts
  readonly deployer: string
  readonly timelock: string
  readonly federation: string
}

/**
 * The founding ceremony: admits and activates the first cities, appoints the guardian, makes the federation the only one
 * that decides and the timelock the owner of everything, starts the timelock's delay, and gives up every power of the
 * deployer; then reads all powers back. Run again, or after being killed anywhere, it does only what is still to do; once
 * founded it sends nothing.
 *
 * @throws FoundingError
 */
export async function foundFederation(founding: Founding): Promise<void> {
  // A cached answer to "how many transactions were sent" would give two transactions the same number.
  const options = { staticNetwork: true, cacheTimeout: -1, pollingInterval: 50, batchMaxCount: 1 }
  const provider = new JsonRpcProvider(founding.rpcUrl, founding.deployment.chainId, options)
  try {
    const wallet = new ReserveWallet(founding.deployerPrivateKey, provider)
    const { Timelock: timelock, Federation: federation } = founding.deployment.contracts
    const contracts = createContracts(founding.deployment, wallet)
    const ceremony: Ceremony = { founding, contracts, deployer: wallet.address, timelock, federation }
    requireSense(ceremony)
    await untilOwnTransactionsAreMined(wallet)
    if (await isHandedOver(ceremony)) {
      await requireFoundedWith(ceremony)
      if (await giveUp(ceremony)) await requireNoStrayPowers(provider, ceremony)
      return
    }
    await requireParameters(ceremony)
    for (const city of founding.cities) await admit(ceremony, city)
    await appointGuardian(ceremony)
    await nameProposer(ceremony)
    await handOver(ceremony)
    await giveUp(ceremony)
    await requireNoStrayPowers(provider, ceremony)
  } catch (error) {
    if (error instanceof FoundingError) throw error
    if (isRevert(error)) {
      throw new FoundingError('ERR_FOUNDING_REFUSED', `a contract refused: ${decodeRevert(error).detail}`, { cause: error })
    }
    throw new FoundingError('ERR_FOUNDING_CHAIN_UNREACHABLE', `the chain at ${founding.rpcUrl} does not answer as it should`, { cause: error })
  } finally {
    provider.destroy()
  }
}

/** Nobody may keep a power that the ceremony takes from the deployer. */
function requireSense({ founding, deployer }: Ceremony): void {
  const { cities, guardian } = founding
  const refuse = (message: string): never => {
    throw new FoundingError('ERR_FOUNDING_INPUT_INVALID', message)
  }
  if (cities.length === 0) refuse('a federation needs a city to found it')
  if (new Set(cities.map((city) => city.locode)).size !== cities.length) refuse('a city founds the federation once')
  const kept = [guardian, ...cities.flatMap((city) => [city.controller, city.recovery])].map((account) => getAddress(account))
  if (kept.includes(deployer)) refuse('the deployer cannot be the guardian, nor act for a city: it has to hold nothing in the end')
}

/** What a killed run sent has to be seen first: it would be sent twice. */
async function untilOwnTransactionsAreMined(wallet: ReserveWallet): Promise<void> {
  const deadline = Date.now() + MINED_WITHIN_MS
  while ((await wallet.getNonce('pending')) !== (await wallet.getNonce('latest'))) {
    if (Date.now() > deadline) {
      throw new FoundingError('ERR_FOUNDING_CHAIN_UNREACHABLE', 'the chain does not take up what an earlier run sent')
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function isHandedOver({ contracts, deployer, timelock }: Ceremony): Promise<boolean> {
  const owners = await Promise.all(ownedContracts.map((name) => contracts[name].owner()))
  if (owners.every((owner) => owner === timelock)) return true
  const stranger = owners.find((owner) => owner !== deployer)
  if (stranger === undefined) return false
  throw new FoundingError('ERR_FOUNDING_NOT_THE_OWNER', `the contracts belong to ${stranger}, not to ${deployer}`)
}

/** Once founded, other cities come in by vote; and a city's key changes by its own rotation. */
async function requireFoundedWith({ founding, contracts }: Ceremony): Promise<void> {
  for (const { locode, controller } of founding.cities) {
    const known = await contracts.CityRegistry.cityOf(toCityId(locode))
    if (known.status < ADMITTED) {
      throw new FoundingError('ERR_FOUNDING_CITY_CONFLICT', `the federation was founded without ${locode}: it comes in by vote`)
    }
    if (![known.controller, known.pendingController].includes(getAddress(controller))) {
      throw new FoundingError('ERR_FOUNDING_CITY_CONFLICT', `the federation knows ${locode} with another key`)
    }
  }
}

async function requireParameters({ founding, contracts }: Ceremony): Promise<void> {
  const { votingDelaySeconds, votingPeriodSeconds, quorumPercent, rotationDelaySeconds } = founding.parameters
  const { Federation, CityRegistry } = contracts
  const wanted = [votingDelaySeconds, votingPeriodSeconds, quorumPercent, rotationDelaySeconds].map(BigInt).join()
  const deployed = await Promise.all([
    Federation.votingDelay(), Federation.votingPeriod(), Federation.quorumNumerator(), CityRegistry.rotationDelay(),
  ])
  if (deployed.join() !== wanted) {
    throw new FoundingError('ERR_FOUNDING_PARAMETERS_DIFFER', `the contracts were deployed with ${deployed.join(', ')}, not with ${wanted}`)
  }
}

async function admit({ contracts }: Ceremony, city: FoundingCity): Promise<void> {
  const { CityRegistry } = contracts
  const cityId = toCityId(city.locode)
  const known = await CityRegistry.cityOf(cityId)
  const conflict = (): never => {
    throw new FoundingError('ERR_FOUNDING_CITY_CONFLICT', `the registry knows ${city.locode} with other keys, documents or texts`)
  }
  if (known.status < ADMITTED) {
    const { name, did, controller, recovery, serviceUrl } = city
    await mined(CityRegistry.admit(cityId, name, did, controller, recovery, serviceUrl))
  } else if (
    known.name !== city.name || known.did !== city.did || known.serviceUrl !== city.serviceUrl ||
    known.controller !== getAddress(city.controller) || known.recovery !== getAddress(city.recovery)
  ) conflict()
  if (known.status < ACTIVE) await mined(CityRegistry.activate(cityId, city.agreementHash, city.dpiaHash))
  else if (
    known.status !== ACTIVE || known.agreementHash !== city.agreementHash.toLowerCase() || known.dpiaHash !== city.dpiaHash.toLowerCase()
  ) conflict()
}

async function appointGuardian({ founding, contracts }: Ceremony): Promise<void> {
  const guardian = getAddress(founding.guardian)
  if ((await contracts.Guardian.guardian()) !== guardian) await mined(contracts.Guardian.appoint(guardian))
}

async function nameProposer({ contracts, federation }: Ceremony): Promise<void> {
  const { Timelock } = contracts
  for (const role of [await Timelock.PROPOSER_ROLE(), await Timelock.CANCELLER_ROLE()]) {
    if (!(await Timelock.hasRole(role, federation))) await mined(Timelock.grantRole(role, federation))
  }
}

/**
 * Makes the timelock the owner. It has to accept by itself, so the deployer proposes that to it, together with the delay
 * from then on: one operation, so that there is no moment in which some contracts are handed over and others are not.
 */
async function handOver({ founding, contracts, deployer, timelock }: Ceremony): Promise<void> {
  const { Timelock } = contracts
  for (const name of ownedContracts) {
    if ((await contracts[name].pendingOwner()) !== timelock) await mined(contracts[name].transferOwnership(timelock))
  }
  const proposer = await Timelock.PROPOSER_ROLE()
  if (!(await Timelock.hasRole(proposer, deployer))) await mined(Timelock.grantRole(proposer, deployer))
  const targets = [...ownedContracts.map((name) => founding.deployment.contracts[name]), timelock]
  const calls = [
    ...ownedContracts.map((name) => encodeCall(name, 'acceptOwnership', [])),
    encodeCall('Timelock', 'updateDelay', [founding.parameters.timelockDelaySeconds]),
  ]
  const operation = [targets, targets.map(() => 0), calls, ZeroHash, FOUNDING_SALT] as const
  const operationId = await Timelock.hashOperationBatch(...operation)
  if (!(await Timelock.isOperation(operationId))) await mined(Timelock.scheduleBatch(...operation, 0))
  await mined(Timelock.executeBatch(...operation))
}

/** Gives up whatever the deployer still holds of the timelock; false when that was nothing. The last role goes last. */
async function giveUp({ contracts, deployer }: Ceremony): Promise<boolean> {
  const { Timelock } = contracts
  const roles = [await Timelock.PROPOSER_ROLE(), await Timelock.CANCELLER_ROLE(), await Timelock.EXECUTOR_ROLE(), ZeroHash]
  let held = false
  for (const role of roles) {
    if (!(await Timelock.hasRole(role, deployer))) continue
    held = true
    await mined(Timelock.renounceRole(role, deployer))
  }
  return held
}

async function requireNoStrayPowers(provider: JsonRpcProvider, { founding, contracts }: Ceremony): Promise<void> {
  const strays = await findStrayPowers(provider, founding.deployment)
  const delay = await contracts.Timelock.getMinDelay()
  if (delay !== BigInt(founding.parameters.timelockDelaySeconds)) strays.push(`the timelock waits ${delay} seconds`)
  const guardian = await contracts.Guardian.guardian()
  if (guardian !== getAddress(founding.guardian)) strays.push(`${guardian === ZeroAddress ? 'nobody' : guardian} is the guardian`)
  if (strays.length > 0) throw new FoundingError('ERR_FOUNDING_POWERS_LEFT', `the federation is not on its own: ${strays.join('; ')}`)
}

async function mined(sending: Promise<ContractTransactionResponse>): Promise<void> {
  await (await sending).wait()
}

function toCityId(locode: string): string {
  return hexlify(toUtf8Bytes(locode))
}
