import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '../formats/bytes.ts'
import { addressOfKey } from './derive-note.ts'
import { NoteError } from './errors.ts'
import { bytesOfHex, hexOf } from './hex.ts'
import { bytesOf } from './integers.ts'

/** The contract a payment is meant for. */
export interface RedeemDomain {
  readonly chainId: number | bigint
  /** RewardPrograms: `0x` and 20 bytes. */
  readonly verifyingContract: string
}

/** What the one-time key of each note signs. */
export interface Redeem {
  /** `0x` and 32 bytes. */
  readonly program: string
  /** `0x` and 20 bytes. */
  readonly merchant: string
  /** `0x` and 32 bytes. */
  readonly order: string
  /** Seconds since 1970. */
  readonly deadline: number | bigint
}

const utf8 = new TextEncoder()
const DOMAIN_TYPE = keccak_256(
  utf8.encode('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'))
const REDEEM_TYPE = keccak_256(utf8.encode('Redeem(bytes32 program,address merchant,bytes32 order,uint64 deadline)'))
const NAME = keccak_256(utf8.encode('Symbolon'))
const VERSION = keccak_256(utf8.encode('1'))

/**
 * The EIP-712 digest of a payment.
 * @throws NoteError ERR_NOTE_ENCODING, ERR_NOTE_INPUT
 * @see https://eips.ethereum.org/EIPS/eip-712#specification
 */
export const redeemDigest = (domain: RedeemDomain, redeem: Redeem): Uint8Array => {
  const domainSeparator = keccak_256(concatBytes([DOMAIN_TYPE, NAME, VERSION,
    word(domain.chainId, 256n), pad(bytesOfHex(domain.verifyingContract, 20))]))
  const message = keccak_256(concatBytes([REDEEM_TYPE, bytesOfHex(redeem.program, 32),
    pad(bytesOfHex(redeem.merchant, 20)), bytesOfHex(redeem.order, 32), word(redeem.deadline, 64n)]))
  return keccak_256(concatBytes([Uint8Array.of(0x19, 0x01), domainSeparator, message]))
}

/** Signs a payment with a note's one-time key. @returns `0x` and 65 bytes: r, s (low), v (27 or 28) */
export const signRedeem = (domain: RedeemDomain, redeem: Redeem, secretKey: Uint8Array): string => {
  const signature = secp256k1.sign(redeemDigest(domain, redeem), secretKey, { prehash: false, format: 'recovered' })
  return hexOf(concatBytes([signature.subarray(1), Uint8Array.of(27 + (signature[0] ?? 0))]))
}

/**
 * The note that signed a payment, as the contract recovers it. Undefined when the signature recovers to no key or
 * is malleable (high s, v other than 27 or 28).
 */
export const recoverNote = (domain: RedeemDomain, redeem: Redeem, ownerSignature: string): string | undefined => {
  const digest = redeemDigest(domain, redeem)
  try {
    const bytes = bytesOfHex(ownerSignature, 65)
    const recovery = (bytes[64] ?? 0) - 27
    if (recovery !== 0 && recovery !== 1) return undefined
    const signature = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), 'compact').addRecoveryBit(recovery)
    if (signature.hasHighS()) return undefined
    return addressOfKey(signature.recoverPublicKey(digest).toBytes(false))
  } catch {
    return undefined
  }
}

const pad = (bytes: Uint8Array): Uint8Array => concatBytes([new Uint8Array(32 - bytes.length), bytes])

const word = (value: number | bigint, bits: bigint): Uint8Array => {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new NoteError('ERR_NOTE_INPUT', 'not a whole number')
  }
  const integer = BigInt(value)
  if (integer < 0n || integer >= 1n << bits) throw new NoteError('ERR_NOTE_INPUT', `not a uint${bits}`)
  return bytesOf(integer, 32)
}
