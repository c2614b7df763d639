import { constants, generateKeyPairSync, privateDecrypt, type KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'
import { encodeBytes32String, hexlify, id, toUtf8String, Wallet, ZeroAddress, ZeroHash } from 'ethers'
import { fdhBytes } from '../../../agent/notes/fdh.ts'
import { encodeDelta } from '../../../agent/status/delta.ts'
import { statusListIdOf } from '../../../agent/status/list-id.ts'
import { createStatusBits, flipPositions } from '../../../agent/status/status-bits.ts'
import { encodeCall } from '../../../chain/contracts.ts'
import type { Deployment } from '../../../chain/deployment.ts'
import {
  barcelonaController, berlinController, clermont, clermontController, guardian, merchant, owner, porto, portoController, recovery, toBytes5
} from './accounts.ts'
import { codeHashOf, proposalIdOf, type Sender } from './sender.ts'

export { Sender } from './sender.ts'

/** A key on P-256, its halves as the contract takes them. */
export const issuerKey = {
  x: '0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
  y: '0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'
}
export const portoCard = 'https://porto.example/vct/city-card'
export const clermontCard = 'https://clermont.example/vct/city-card'
export const portoList = 'https://porto.example/status/1'
export const forEver = 2n ** 64n - 1n
/** Past every test's clock. */
export const farAway = 4_000_000_000

/** A status list as its city keeps it, with the epochs it publishes. */
export class PublishedList {
  readonly uri: string
  readonly bits = createStatusBits()
  epoch = 0
  #city = 'PTOPO'
  readonly #sender: Sender
  readonly #controller: Wallet

  constructor(sender: Sender, uri = portoList, controller = portoController) {
    this.uri = uri
    this.#sender = sender
    this.#controller = controller
  }

  get listId(): string {
    return statusListIdOf(this.#city, this.uri)
  }

  get digest(): string {
    return `0x${createHash('sha256').update(this.bits).digest('hex')}`
  }

  async create(city = porto): Promise<void> {
    this.#city = toUtf8String(city)
    await this.#sender.call(this.#controller, 'StatusLists', 'create', [city, this.uri, 2 ** 20])
  }

  /** Publishes the next epoch: the bits at these positions flip. */
  async publish(positions: readonly number[]): Promise<void> {
    flipPositions(this.bits, positions)
    await this.publishRaw(this.digest, encodeDelta(positions))
  }

  /** Publishes whatever it is given. */
  async publishRaw(digest: string, delta: Uint8Array): Promise<void> {
    this.epoch += 1
    await this.#sender.call(this.#controller, 'StatusLists', 'publish', [this.listId, this.epoch, digest, delta])
  }
}

export interface NoteKey {
  readonly value: number
  readonly privateKey: KeyObject
  readonly modulus: Buffer
}

export function createNoteKey(value: number): NoteKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { value, privateKey, modulus: Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url') }
}

export interface NotePayment {
  readonly programId: string
  readonly merchant: string
  readonly orderId: string
  readonly deadline: number
}

const redeemTypes = {
  Redeem: [
    { name: 'program', type: 'bytes32' },
    { name: 'merchant', type: 'address' },
    { name: 'order', type: 'bytes32' },
    { name: 'deadline', type: 'uint64' }
  ]
}

/** A note of a fresh one-time key, signed by the city and by its owner. */
export async function createNote(deployment: Deployment, key: NoteKey, payment: NotePayment) {
  const note = Wallet.createRandom()
  const padding = constants.RSA_NO_PADDING
  const domain = { name: 'Symbolon', version: '1', chainId: deployment.chainId, verifyingContract: deployment.contracts.RewardPrograms }
  const message = { program: payment.programId, merchant: payment.merchant, order: payment.orderId, deadline: payment.deadline }
  return {
    address: note.address,
    value: key.value,
    rsaSignature: hexlify(privateDecrypt({ key: key.privateKey, padding }, fdhBytes(key.modulus, note.address))),
    ownerSignature: await note.signTypedData(domain, redeemTypes, message)
  }
}

export const noteKeys = [createNoteKey(1), createNoteKey(2)] as const
export const programId = id('clean rivers')
export const closedProgramId = id('short')
export const orderId = id('order 1')
export const settlementRef = id('settlement 1')
export const bankReference = id('bank reference 1')
export const barcelona = toBytes5('ESBCN')
export const berlin = toBytes5('DEBER')
export const newController = new Wallet(`0x${'e5'.repeat(32)}`)
export const otherMerchant = new Wallet(`0x${'f6'.repeat(32)}`)
export const clermontMerchant = new Wallet(`0x${'17'.repeat(32)}`)
export const sharedProgramId = id('shared')
export const incident = id('incident 1')

/** Something of everything that can happen on the chain. Resolves to what a test cannot know beforehand. */
export async function writeHistory(sender: Sender) {
  const hashes = [id('agreement'), id('dpia')] as const
  await sender.call(owner, 'CityRegistry', 'admit', [barcelona, 'Barcelona', 'did:web:barcelona.example', barcelonaController.address, recovery.address, 'https://barcelona.example'])
  await sender.call(owner, 'CityRegistry', 'admit', [berlin, 'Berlin', 'did:web:berlin.example', berlinController.address, recovery.address, 'https://berlin.example'])
  await sender.call(owner, 'CityRegistry', 'activate', [berlin, ...hashes])
  await sender.call(owner, 'CityRegistry', 'remove', [berlin])
  await sender.call(portoController, 'CityRegistry', 'changeServiceUrl', [porto, 'https://cartao.porto.example'])
  await sender.call(owner, 'CityRegistry', 'suspend', [porto, 3, farAway])
  await sender.call(owner, 'CityRegistry', 'reinstate', [porto])

  await sender.call(portoController, 'IssuerRegistry', 'accredit', [porto, issuerKey.x, issuerKey.y, portoCard, 100, forEver])
  await sender.call(clermontController, 'IssuerRegistry', 'accredit', [clermont, issuerKey.x, issuerKey.y, clermontCard, 100, farAway])
  const thumbprint = createHash('sha256')
    .update(`{"crv":"P-256","kty":"EC","x":"${toBase64url(issuerKey.x)}","y":"${toBase64url(issuerKey.y)}"}`)
    .digest()
  await sender.call(clermontController, 'IssuerRegistry', 'withdraw', [clermont, hexlify(thumbprint), id(clermontCard), 5_000])

  await sender.call(portoController, 'RecognitionRegistry', 'recognise', [porto, clermont, clermontCard, 0b1010n, farAway])
  await sender.call(clermontController, 'RecognitionRegistry', 'recognise', [clermont, porto, portoCard, 1n << 255n, farAway])
  await sender.call(clermontController, 'RecognitionRegistry', 'withdraw', [clermont, porto, id(portoCard)])

  const list = new PublishedList(sender)
  await list.create()
  await list.publish([2, 7])
  await list.publish([7, 4_001])

  const now = await sender.nowSeconds()
  const program = [programId, porto, 'Clean rivers', owner.address, now, farAway] as const
  await sender.call(portoController, 'RewardPrograms', 'create', [...program, noteKeys.map((key) => key.value), noteKeys.map((key) => key.modulus)])
  await sender.call(portoController, 'RewardPrograms', 'fund', [programId, 1_000])
  await sender.call(portoController, 'RewardPrograms', 'fund', [programId, 500])
  await sender.call(portoController, 'RewardPrograms', 'registerMerchant', [porto, merchant.address])
  await sender.call(portoController, 'RewardPrograms', 'registerMerchant', [porto, otherMerchant.address])
  await sender.call(portoController, 'RewardPrograms', 'withdrawMerchant', [porto, otherMerchant.address])
  const payment = { programId, merchant: merchant.address, orderId, deadline: farAway }
  const first = await Promise.all([noteKeys[1], noteKeys[0]].map((key) => createNote(sender.deployment, key, payment)))
  const second = [await createNote(sender.deployment, noteKeys[1], payment)]
  const redemption = await redeem(sender, payment, first)
  await redeem(sender, payment, second)

  await sender.call(merchant, 'Settlement', 'request', [programId, 4, settlementRef])
  await sender.call(portoController, 'Settlement', 'markPaid', [settlementRef, bankReference])
  await sender.call(merchant, 'Settlement', 'request', [programId, 1, id('settlement 2')])

  await sender.call(portoController, 'Anchors', 'anchor', [porto, 0, 5, id('root 5')])
  await sender.call(portoController, 'Anchors', 'anchor', [porto, 1, 2, id('root 2')])
  await sender.call(portoController, 'Anchors', 'anchor', [porto, 0, 9, id('root 9')])
  const { Anchors } = sender.deployment.contracts
  const codeHash = await codeHashOf(sender, Anchors)
  await sender.call(owner, 'Directory', 'set', [encodeBytes32String('LogRoots'), Anchors, codeHash])
  await sender.call(owner, 'Directory', 'set', [encodeBytes32String('Forgotten'), Anchors, codeHash])
  await sender.call(owner, 'Directory', 'set', [encodeBytes32String('Forgotten'), ZeroAddress, ZeroHash])

  const shortKey = createNoteKey(4)
  const soon = (await sender.nowSeconds()) + 30
  await sender.call(portoController, 'RewardPrograms', 'create', [closedProgramId, porto, 'Short', owner.address, now, soon, [4], [shortKey.modulus]])
  await sender.call(portoController, 'RewardPrograms', 'fund', [closedProgramId, 77])
  await sender.pass(60)
  await sender.call(portoController, 'RewardPrograms', 'close', [closedProgramId])

  await writeSharedProgram(sender)
  await sender.call(owner, 'Guardian', 'appoint', [guardian.address])
  await sender.call(guardian, 'Guardian', 'pause', [sender.deployment.contracts.Anchors, incident])
  await sender.call(owner, 'Guardian', 'clear', [sender.deployment.contracts.Anchors])
  await writeProposal(sender)

  await sender.call(recovery, 'CityRegistry', 'changeRecovery', [clermont, otherMerchant.address])
  await sender.call(otherMerchant, 'CityRegistry', 'changeRecovery', [clermont, recovery.address])
  await sender.call(clermontController, 'CityRegistry', 'offerController', [clermont, owner.address])
  await sender.call(recovery, 'CityRegistry', 'vetoController', [clermont])
  await sender.call(clermontController, 'CityRegistry', 'offerController', [clermont, newController.address])
  await sender.pass(61)
  await sender.call(newController, 'CityRegistry', 'acceptController', [clermont])
  await sender.call(newController, 'CityRegistry', 'offerController', [clermont, clermontController.address])
  return { list, thumbprint: thumbprint.toString('base64url'), notes: [...first, ...second], redemption, validFrom: now, payment }
}

/** A programme of Porto's from which a business of Clermont-Ferrand is paid: Porto owes Clermont-Ferrand 3, and settles 1. */
async function writeSharedProgram(sender: Sender): Promise<void> {
  const now = await sender.nowSeconds()
  const key = createNoteKey(4)
  await sender.call(portoController, 'RewardPrograms', 'create', [sharedProgramId, porto, 'Shared', owner.address, now, farAway, [4], [key.modulus]])
  await sender.call(portoController, 'RewardPrograms', 'share', [sharedProgramId])
  await sender.call(owner, 'RewardPrograms', 'fundShared', [sharedProgramId, 40])
  await sender.call(clermontController, 'RewardPrograms', 'registerMerchant', [clermont, clermontMerchant.address])
  const payment = { programId: sharedProgramId, merchant: clermontMerchant.address, orderId: id('shared order'), deadline: farAway }
  await redeem(sender, payment, [await createNote(sender.deployment, key, payment)])
  await sender.call(clermontMerchant, 'Settlement', 'request', [sharedProgramId, 3, id('settlement 3')])
  await sender.call(clermontController, 'Settlement', 'settleNet', [porto, clermont, 1, id('net 1')])
  await sender.call(owner, 'RewardPrograms', 'endShared', [sharedProgramId, farAway - 5])
}

/** Something to vote on, and a vote. It wins, and waits for nothing: the timelock does not know the federation yet. */
async function writeProposal(sender: Sender): Promise<void> {
  const { contracts } = sender.deployment
  const { transactionHash } = await sender.call(portoController, 'Federation', 'propose', [
    [contracts.CityRegistry], [0], [encodeCall('CityRegistry', 'reinstate', [porto])], 'Bring Porto back'
  ])
  await sender.pass(2)
  await sender.call(clermontController, 'Federation', 'castVoteWithReason', [await proposalIdOf(sender, transactionHash), 0, 'It is there'])
}

export async function redeem(sender: Sender, payment: NotePayment, notes: readonly Awaited<ReturnType<typeof createNote>>[]) {
  const { merchant: payee, orderId: order, deadline } = payment
  const signed = notes.map(({ value, rsaSignature, ownerSignature }) => ({ value, rsaSignature, ownerSignature }))
  return await sender.call(owner, 'RewardPrograms', 'redeem', [payment.programId, payee, order, deadline, signed])
}

function toBase64url(hex: string): string {
  return Buffer.from(hex.slice(2), 'hex').toString('base64url')
}
