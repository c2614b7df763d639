import { constants, createHash, generateKeyPairSync, privateDecrypt, randomBytes, type KeyObject } from 'node:crypto'
import { hexlify, id, Interface, type BaseContract, type Contract, type HDNodeWallet, type Signer, type TypedDataField, Wallet } from 'ethers'
import { errorsAbi } from '../../chain/abi/errors.ts'
import { connect } from '../evm/connect.ts'

/** Any contract of ours, called by name. */
export type AnyContract = Contract

/** UN/LOCODE as the contracts take it. */
export const porto = hexlify(Buffer.from('PTOPO'))
/** UN/LOCODE as the contracts take it. */
export const clermont = hexlify(Buffer.from('FRCFE'))

/** A fresh chain with all contracts, two active cities and a merchant. */
export async function createFederation() {
  const connection = await connect()
  const { ethers } = connection
  const signers = await ethers.getSigners()
  const [owner, portoController, clermontController, merchant, sponsor, stranger] = signers as unknown as [Signer, Signer, Signer, Signer, Signer, Signer]
  const ownerAddress = await owner.getAddress()
  const deploy = async (name: string, args: (string | number | BaseContract)[]): Promise<AnyContract> =>
    (await ethers.deployContract(name, args)) as unknown as AnyContract

  const guardian = await deploy('Guardian', [ownerAddress])
  const cities = await deploy('CityRegistry', [ownerAddress, guardian, 60])
  const token = await deploy('RewardToken', [ownerAddress])
  const statusLists = await deploy('StatusLists', [cities, guardian])
  const issuers = await deploy('IssuerRegistry', [cities, guardian])
  const recognitions = await deploy('RecognitionRegistry', [cities, guardian])
  const anchors = await deploy('Anchors', [cities, guardian])
  const programs = await deploy('RewardPrograms', [cities, token, ownerAddress, guardian])
  const settlement = await deploy('Settlement', [programs, guardian])
  await call(token, owner, 'setOperator', [await programs.getAddress(), true])
  await call(token, owner, 'setOperator', [await settlement.getAddress(), true])
  for (const [city, controller] of [[porto, portoController], [clermont, clermontController]] as const) {
    const recovery = Wallet.createRandom().address
    await call(cities, owner, 'admit', [city, 'City', `did:web:${city}.example`, await controller.getAddress(), recovery, 'https://city.example'])
    await call(cities, owner, 'activate', [city, id('agreement'), id('dpia')])
  }
  return {
    connection, ethers, owner, portoController, clermontController, merchant, sponsor, stranger,
    guardian, cities, token, statusLists, issuers, recognitions, anchors, programs, settlement,
  }
}

/** All that {@link createFederation} sets up. */
export type Federation = Awaited<ReturnType<typeof createFederation>>

/** Sends a transaction and waits for its receipt. */
export async function call(contract: AnyContract, from: Signer, method: string, args: unknown[]) {
  const transaction = await contract.connect(from).getFunction(method).send(...args)
  const receipt = await transaction.wait()
  if (receipt === null) throw new Error(`${method} was not mined`)
  return receipt
}

const errors = new Interface(errorsAbi)

/** The name of the custom error a call would revert with; undefined when it would not revert. */
export async function refusal(contract: AnyContract, from: Signer, method: string, args: unknown[]): Promise<string | undefined> {
  try {
    await contract.connect(from).getFunction(method).staticCall(...args)
    return undefined
  } catch (error) {
    const { revert, data, message } = error as { revert?: { name: string } | null; data?: unknown; message: string }
    const told = typeof data === 'string' ? errors.parseError(data) : null
    return revert?.name ?? told?.name ?? /custom error '(\w+)\(/.exec(message)?.[1] ?? message
  }
}

/** An RSA key that signs notes of one value. */
export interface NoteKey {
  privateKey: KeyObject
  modulus: Buffer
}

/** A fresh RSA key; its modulus is big-endian. */
export function createNoteKey(modulusLength = 2048): NoteKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  const { n } = publicKey.export({ format: 'jwk' })
  return { privateKey, modulus: Buffer.from(n ?? '', 'base64url') }
}

/** The full-domain hash of a note, written from its description and not from the contract. */
export function fullDomainHash(modulus: Buffer, address: string): Buffer {
  const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
  const domain = sha256(Buffer.from('symbolon-note-fdh-v1', 'ascii'), sha256(modulus))
  const seed = sha256(domain, Buffer.from(address.slice(2), 'hex'))
  let stream = Buffer.alloc(0)
  for (let counter = 0; stream.length < modulus.length; counter++) {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(counter)
    stream = Buffer.concat([stream, sha256(seed, bytes)])
  }
  const hash = Buffer.from(stream.subarray(0, modulus.length))
  hash[0] = (hash[0] ?? 0) & 0x7f
  return hash
}

/** Signs a number below the modulus: `message ** d mod n`. */
export function rsaRaw(key: NoteKey, message: Buffer): Buffer {
  return privateDecrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, message)
}

/** What the owner of a note signs. */
export interface Redemption {
  program: string
  merchant: string
  order: string
  deadline: number
}

/** EIP-712 type of what the owner of a note signs. */
export const redeemTypes: Record<string, TypedDataField[]> = {
  Redeem: [
    { name: 'program', type: 'bytes32' },
    { name: 'merchant', type: 'address' },
    { name: 'order', type: 'bytes32' },
    { name: 'deadline', type: 'uint64' },
  ],
}

/** A note as `redeem` takes it. */
export interface SignedNote {
  value: number
  rsaSignature: string
  ownerSignature: string
}

/** The owner's EIP-712 signature of a redemption. */
export async function signRedemption(federation: Federation, owner: HDNodeWallet, redemption: Redemption): Promise<string> {
  const { chainId } = await federation.ethers.provider.getNetwork()
  const verifyingContract = await federation.programs.getAddress()
  return await owner.signTypedData({ name: 'Symbolon', version: '1', chainId, verifyingContract }, redeemTypes, { ...redemption })
}

/** A note of a fresh one-time key. */
export async function createNote(federation: Federation, key: NoteKey, value: number, redemption: Redemption) {
  const owner = Wallet.createRandom()
  const note: SignedNote = {
    value,
    rsaSignature: hexlify(rsaRaw(key, fullDomainHash(key.modulus, owner.address))),
    ownerSignature: await signRedemption(federation, owner, redemption),
  }
  return { owner, note }
}

/** 32 random bytes. */
export const random32 = (): string => hexlify(randomBytes(32))

/** A funded programme of Porto with a key for each value, and Porto's merchant registered. */
export async function createProgram(federation: Federation, keys: ReadonlyMap<number, NoteKey>, units = 100_000) {
  const { programs, portoController, merchant, sponsor, ethers } = federation
  const program = random32()
  const now = (await ethers.provider.getBlock('latest'))?.timestamp ?? 0
  const period = { from: now, until: now + 100_000 }
  const created = await call(programs, portoController, 'create', [
    program, porto, 'Clean rivers', await sponsor.getAddress(), period.from, period.until,
    [...keys.keys()], [...keys.values()].map((key) => hexlify(key.modulus)),
  ])
  await call(programs, portoController, 'fund', [program, units])
  const merchantAddress = await merchant.getAddress()
  if (!(await programs.getFunction('isMerchant').staticCall(porto, merchantAddress))) {
    await call(programs, portoController, 'registerMerchant', [porto, merchantAddress])
  }
  return { program, ...period, created }
}
