import { hexlify, id, keccak256, Wallet, type HDNodeWallet } from 'ethers'
import { createNoteKey, fullDomainHash, redeemTypes, rsaRaw, type NoteKey, type SignedNote } from '../federation.ts'
import { createChain, type Chain } from './chain.ts'
import type { Dice } from './dice.ts'
import { CitiesModel, GuardianModel } from './membership.ts'
import { AnchorsModel, DirectoryModel, IssuersModel, RecognitionsModel, StatusListsModel, type Surroundings } from './records.ts'
import { ProgramsModel, SettlementModel, TokenModel } from './rewards.ts'
import { zeroAddress, zeroHash, type Clock } from './refusal.ts'

/** Cities that may be admitted; the last is none, by its form. */
export const locodes = ['PTOPO', 'FRCFE', 'DEBER', 'SEMMA', 'Xx1-!'].map((text) => hexlify(Buffer.from(text)))
export const types = ['https://porto.example/vct/city-card', 'https://clermont.example/vct/city-card', '']
export const uris = ['https://porto.example/status/1', 'https://clermont.example/status/1', '']
export const programNames = ['clean rivers', 'night buses', 'libraries'].map(id)
export const values = [1, 2, 1024]

/** Points of P-256 (multiples of the generator), and something that is none. */
export const points = [
  ['6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296', '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'],
  ['7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978', '07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1'],
  ['6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296', '07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1'],
].map(([x = '', y = ''], index) => ({ x: `0x${x}`, y: `0x${y}`, valid: index < 2 }))

/** One step: what the model does, and the transaction that should do the same. */
export interface Step {
  readonly from: string
  readonly contract: Parameters<Chain['send']>[1]
  readonly method: string
  readonly args: readonly unknown[]
  readonly model: () => void
}

/** The accounts of the game by what they are for. */
export interface Cast {
  readonly owner: string
  readonly guardian: string
  readonly officials: readonly string[]
  readonly merchants: readonly string[]
}

/** Both sides of the game: the chain, and what the models say it should be. */
export interface World {
  readonly chain: Chain
  readonly clock: Clock
  readonly cast: Cast
  readonly guardian: GuardianModel
  readonly cities: CitiesModel
  readonly issuers: IssuersModel
  readonly recognitions: RecognitionsModel
  readonly lists: StatusListsModel
  readonly anchors: AnchorsModel
  readonly directory: DirectoryModel
  readonly token: TokenModel
  readonly programs: ProgramsModel
  readonly settlement: SettlementModel
  readonly noteKeys: ReadonlyMap<string, NoteKey>
  readonly owners: readonly HDNodeWallet[]
}

/** Contracts that can be paused. */
const guarded = ['CityRegistry', 'IssuerRegistry', 'RecognitionRegistry', 'StatusLists', 'Anchors', 'RewardPrograms', 'Settlement'] as const

/** Deploys everything, once. */
export async function deployMembers(): Promise<Chain> {
  const chain = await createChain()
  const [owner = ''] = chain.accounts
  const guardian = await chain.deploy('Guardian', [owner])
  const cities = await chain.deploy('CityRegistry', [owner, guardian, 3600])
  chain.register('CitySeat', await chain.read('CityRegistry', 'seats', []) as string)
  const token = await chain.deploy('RewardToken', [owner])
  for (const name of ['StatusLists', 'IssuerRegistry', 'RecognitionRegistry', 'Anchors'] as const) await chain.deploy(name, [cities, guardian])
  const programs = await chain.deploy('RewardPrograms', [cities, token, owner, guardian])
  const settlement = await chain.deploy('Settlement', [programs, guardian])
  await chain.deploy('Directory', [owner])
  for (const operator of [programs, settlement]) await chain.send(owner, 'RewardToken', 'setOperator', [operator, true])
  return chain
}

/** The models of what {@link deployMembers} deployed, with nothing in them. */
export async function createWorld(chain: Chain, noteKeys: ReadonlyMap<string, NoteKey>, owners: readonly HDNodeWallet[]): Promise<World> {
  const [owner = '', guardianAccount = '', ...others] = chain.accounts
  const clock: Clock = { now: await chain.time() }
  const deployed = [...guarded, 'Guardian', 'RewardToken', 'Directory'].map((name) => chain.address(name))
  const codeHashes = new Map<string, string>()
  for (const address of deployed) {
    codeHashes.set(address, keccak256(await chain.provider.request({ method: 'eth_getCode', params: [address, 'latest'] }) as string))
  }
  const guardian = new GuardianModel(clock, owner, (address) => codeHashes.has(address))
  const cities = new CitiesModel(clock, owner, chain.address('CityRegistry'), guardian, 3600)
  const around = (name: string): Surroundings => ({ clock, guardian, cities, address: chain.address(name) })
  const token = new TokenModel()
  const operators = [chain.address('RewardPrograms'), chain.address('Settlement')]
  const chainId = BigInt(await chain.provider.request({ method: 'eth_chainId' }) as string)
  const programs = new ProgramsModel(around('RewardPrograms'), token, owner, chainId, operators)
  return {
    chain, clock, guardian, cities, token, programs, noteKeys, owners,
    cast: { owner, guardian: guardianAccount, officials: others.slice(0, 10), merchants: others.slice(10, 14) },
    issuers: new IssuersModel(around('IssuerRegistry')),
    recognitions: new RecognitionsModel(around('RecognitionRegistry')),
    lists: new StatusListsModel(around('StatusLists')),
    anchors: new AnchorsModel(around('Anchors')),
    directory: new DirectoryModel(owner, codeHashes),
    settlement: new SettlementModel(around('Settlement'), programs),
  }
}

/** RSA keys for each value of each programme, and owners of notes. */
export function createNoteMaterial(): { noteKeys: Map<string, NoteKey>; owners: HDNodeWallet[] } {
  const noteKeys = new Map(programNames.flatMap((program) => values.map((value) => [`${program},${value}`, createNoteKey()] as const)))
  return { noteKeys, owners: Array.from({ length: 400 }, () => Wallet.createRandom()) }
}

/** A note that may be sound, spent already, signed for something else, or signed by the key of another value. */
export async function drawNote(world: World, dice: Dice, program: string, order: { merchant: string; order: string; deadline: number }): Promise<SignedNote> {
  const value = dice.mostly(dice.of(values), [4])
  const signedValue = dice.mostly(value, values)
  const key = world.noteKeys.get(`${program},${signedValue}`) ?? world.noteKeys.get(`${program},1`)
  const owner = world.owners[dice.below(world.owners.length)]
  if (key === undefined || owner === undefined) throw new Error('no note key')
  const signed = { program, ...order, ...(dice.once(12) ? { deadline: order.deadline + 1 } : {}) }
  return {
    value,
    rsaSignature: hexlify(rsaRaw(key, fullDomainHash(key.modulus, owner.address))),
    ownerSignature: await owner.signTypedData(world.programs.domain, redeemTypes, signed),
  }
}

/** What the guardian, the federation's owner and cities do to memberships, and others try. */
export function drawMembership(world: World, dice: Dice): Step {
  const { cast, cities, guardian, clock, chain } = world
  const drawn = dice.below(23)
  // Cities to which it can happen, if there are any.
  const known = locodes.slice(0, 4)
  const fit = known.filter((locode) => [5, 7, 18, 19].includes(drawn) ? cities.status(locode) === 'suspended'
    : [10, 11, 16].includes(drawn) ? cities.city(locode).pendingController !== zeroAddress
      : drawn > 1 || cities.status(locode) === 'unknown')
  const city = dice.mostly(dice.of(fit.length > 0 ? fit : known), locodes)
  const record = cities.city(city)
  const owner = dice.mostly(cast.owner, [...cast.officials, record.controller].filter((account) => account !== zeroAddress))
  const someone = dice.of([record.controller, record.recovery, cast.owner, ...cast.officials].filter((account) => account !== zeroAddress))
  const entitled = (holder: string): string => (holder === zeroAddress ? someone : dice.mostly(holder, [someone]))
  const account = dice.mostly(dice.of(cast.officials), [zeroAddress, record.controller, record.recovery])
  const other = dice.mostly(dice.of(cast.officials), [zeroAddress, account])
  const hash = (name: string): string => dice.mostly(id(name), [zeroHash])
  const step = (from: string, contract: Step['contract'], method: string, args: readonly unknown[], model: () => void): Step => ({ from, contract, method, args, model })
  switch (drawn) {
    case 0: case 1: {
      const args = [city, dice.mostly('City', ['', 'x'.repeat(65), 'é'.repeat(32)]), dice.mostly(`did:web:${city}`, ['', 'did:web:same']), account, other, dice.mostly('url', [''])] as const
      return step(owner, 'CityRegistry', 'admit', args, () => cities.admit(owner, ...args))
    }
    case 2: case 3: {
      const args = [city, hash('agreement'), hash('dpia')] as const
      return step(owner, 'CityRegistry', 'activate', args, () => cities.activate(owner, ...args))
    }
    case 4: case 17: {
      const args = [city, dice.below(5), clock.now + dice.below(9) * 400_000 - 100] as const
      return step(owner, 'CityRegistry', 'suspend', args, () => cities.suspend(owner, ...args))
    }
    case 5: case 18: return step(owner, 'CityRegistry', 'reinstate', [city], () => cities.reinstate(owner, city))
    case 6: {
      const from = dice.once(8) ? cast.owner : dice.of(cast.officials)
      return step(from, 'CityRegistry', 'remove', [city], () => cities.remove(from, city))
    }
    case 7: case 19: {
      const args = [city, hash('statement')] as const
      const from = entitled(record.controller)
      return step(from, 'CityRegistry', 'appeal', args, () => cities.appeal(from, ...args))
    }
    case 8: {
      const args = [city, dice.mostly('https://new.example', [''])] as const
      return step(someone, 'CityRegistry', 'changeServiceUrl', args, () => cities.changeServiceUrl(someone, ...args))
    }
    case 9: return step(someone, 'CityRegistry', 'offerController', [city, account], () => cities.offerController(someone, city, account))
    case 10: case 16: {
      const from = entitled(record.recovery)
      return step(from, 'CityRegistry', 'vetoController', [city], () => cities.vetoController(from, city))
    }
    case 11: {
      const pending = record.pendingController === zeroAddress ? someone : record.pendingController
      const from = dice.mostly(pending, [someone])
      return step(from, 'CityRegistry', 'acceptController', [city], () => cities.acceptController(from, city))
    }
    case 12: return step(someone, 'CityRegistry', 'changeRecovery', [city, account], () => cities.changeRecovery(someone, city, account))
    case 13: {
      const args = [dice.mostly(dice.below(7200), [0, 31 * 86_400])] as const
      return step(owner, 'CityRegistry', 'setRotationDelay', args, () => cities.setRotationDelay(owner, ...args))
    }
    case 14: case 20: {
      const from = dice.mostly(guardian.guardian === zeroAddress ? cast.guardian : guardian.guardian, [someone])
      if (guardian.guardian === zeroAddress || dice.once(8)) {
        return step(owner, 'Guardian', 'appoint', [cast.guardian], () => guardian.appoint(owner, cast.guardian))
      }
      const args = [dice.mostly(chain.address(dice.of(guarded)), [someone]), dice.mostly(id(`incident ${dice.below(8)}`), [zeroHash])] as const
      return step(from, 'Guardian', 'pause', args, () => guardian.pause(from, ...args))
    }
    default: {
      const paused = [...guardian.until.keys()]
      const target = paused.length > 0 ? dice.mostly(dice.of(paused), [chain.address('Anchors')]) : chain.address('Anchors')
      return step(owner, 'Guardian', 'clear', [target], () => guardian.clear(owner, target))
    }
  }
}
