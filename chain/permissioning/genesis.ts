import { decodeRlp, encodeRlp, getAddress, getBytes, hexlify, isHexString, toQuantity, type RlpStructuredData } from 'ethers'
import { PermissioningError } from './errors.ts'
import type { Network } from './network.ts'

/** What QBFT keeps in a block's `extraData`. */
export interface QbftExtraData {
  /** 32 bytes, hex. */
  readonly vanity: string
  readonly validators: readonly string[]
  readonly vote?: { readonly validator: string; readonly add: boolean }
  readonly round: number
  readonly seals: readonly string[]
}

const noVanity = `0x${'00'.repeat(32)}`

/**
 * Encodes a QBFT `extraData`: RLP([vanity, [validators], vote or [], round, [seals]]). In a first block there is no
 * vote, no seal, and the round is 0.
 *
 * @see https://besu.hyperledger.org/private-networks/how-to/configure/consensus/qbft#extra-data
 */
export function encodeExtraData({ vanity = noVanity, validators, vote, round = 0, seals = [] }: Partial<QbftExtraData> & Pick<QbftExtraData, 'validators'>): string {
  const voted: RlpStructuredData = vote ? [vote.validator, vote.add ? '0xff' : '0x'] : []
  return encodeRlp([vanity, [...validators], voted, toScalar(round), [...seals]])
}

/** A whole number as RLP has it: big-endian without leading zeros, nothing for zero. */
function toScalar(value: number): string {
  return value === 0 ? '0x' : hexlify(getBytes(toQuantity(value).replace(/^0x(.(?:..)*)$/, '0x0$1')))
}

/**
 * Decodes a QBFT `extraData`.
 *
 * @throws PermissioningError `ERR_PERMISSIONING_EXTRA_DATA_INVALID`
 */
export function decodeExtraData(extraData: string): QbftExtraData {
  let decoded: unknown
  try {
    decoded = decodeRlp(extraData)
  } catch (cause) {
    throw notExtraData('it is not RLP', cause)
  }
  if (!Array.isArray(decoded) || decoded.length !== 5) throw notExtraData('it is not a list of five')
  const [vanity, validators, vote, round, seals] = decoded as unknown[]
  if (!isHexString(vanity, 32)) throw notExtraData('its vanity data are not 32 bytes')
  if (!isListOf(validators, 20)) throw notExtraData('its validators are not a list of addresses')
  if (!isListOf(seals, 65)) throw notExtraData('its seals are not a list of signatures')
  if (typeof round !== 'string' || round.length > 10 || round.startsWith('0x00')) throw notExtraData('its round is not a whole number')
  return {
    vanity,
    validators: validators.map((address) => getAddress(address)),
    ...toVote(vote),
    round: round === '0x' ? 0 : Number(round),
    seals
  }
}

function toVote(vote: unknown): Pick<QbftExtraData, 'vote'> {
  if (!Array.isArray(vote)) throw notExtraData('its vote is not a list')
  if (vote.length === 0) return {}
  const [validator, kind] = vote as unknown[]
  if (vote.length !== 2 || !isHexString(validator, 20) || (kind !== '0xff' && kind !== '0x')) throw notExtraData('its vote is not one')
  return { vote: { validator: getAddress(validator), add: kind === '0xff' } }
}

function isListOf(value: unknown, bytes: number): value is string[] {
  return Array.isArray(value) && value.every((item) => isHexString(item, bytes))
}

function notExtraData(reason: string, cause?: unknown): PermissioningError {
  return new PermissioningError('ERR_PERMISSIONING_EXTRA_DATA_INVALID', `not the extraData of a QBFT block: ${reason}`, { cause })
}

/** The forks that every block has behind it, by number before the merge. */
const blockForks = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg', 'istanbul', 'berlin', 'london']

/**
 * The first block of the network, as Besu reads it: QBFT with the founding validators, gas for nothing, Cancun from the
 * beginning. It depends on the chain's parameters and the founding validators alone: nodes that come later change nothing.
 *
 * @see https://besu.hyperledger.org/private-networks/how-to/configure/consensus/qbft#genesis-file
 * @see https://besu.hyperledger.org/private-networks/how-to/configure/free-gas#4-enable-zero-base-fee-if-using-london-fork-or-later
 */
export function createGenesis({ chain, nodes }: Network) {
  const validators = nodes.filter((node) => node.founding).map((node) => node.address.toLowerCase()).sort()
  return {
    config: {
      chainId: chain.chainId,
      ...Object.fromEntries(blockForks.map((fork) => [`${fork}Block`, 0])),
      shanghaiTime: 0,
      cancunTime: 0,
      zeroBaseFee: true,
      contractSizeLimit: chain.contractSizeLimit,
      qbft: {
        blockperiodseconds: chain.blockPeriodSeconds,
        epochlength: chain.epochLength,
        requesttimeoutseconds: chain.requestTimeoutSeconds
      }
    },
    nonce: '0x0',
    timestamp: '0x0',
    extraData: encodeExtraData({ validators }),
    gasLimit: toQuantity(chain.gasLimit),
    difficulty: '0x1',
    // "ctical byzantine fault tolerance": how a block says that it is of this family of protocols.
    mixHash: '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365',
    coinbase: `0x${'00'.repeat(20)}`,
    // Gas costs nothing, so nobody needs a balance.
    alloc: {}
  }
}
