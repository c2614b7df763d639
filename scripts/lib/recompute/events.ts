import { getAddress, AbiCoder, Interface, type EventFragment } from 'ethers'
import type { Log } from './node.ts'

/* The events of the federation's contracts, written down here once more: whoever counts again should not have to trust
   what the service was made from. */

const declarations: Readonly<Record<string, readonly string[]>> = {
  Directory: ['event EntryChanged(bytes32 indexed name, address target, bytes32 codeHash)'],
  CityRegistry: [
    'event CityAdmitted(bytes5 indexed city, string name, string did, address controller, address recovery, string serviceUrl)',
    'event CityActivated(bytes5 indexed city, bytes32 agreementHash, bytes32 dpiaHash)',
    'event CitySuspended(bytes5 indexed city, uint16 reason, uint64 until)',
    'event CityReinstated(bytes5 indexed city)',
    'event CityRemoved(bytes5 indexed city)',
    'event SuspensionAppealed(bytes5 indexed city, bytes32 statementHash)',
    'event ServiceUrlChanged(bytes5 indexed city, string serviceUrl)',
    'event ControllerOffered(bytes5 indexed city, address controller, uint64 acceptableFrom)',
    'event ControllerVetoed(bytes5 indexed city, address controller)',
    'event ControllerChanged(bytes5 indexed city, address controller)',
    'event RecoveryChanged(bytes5 indexed city, address recovery)',
    'event RotationDelayChanged(uint32 delay)',
  ],
  IssuerRegistry: [
    'event IssuerAccredited(bytes5 indexed city, bytes32 indexed thumbprint, bytes32 indexed typeId, bytes32 x, bytes32 y, string credentialType, uint64 validFrom, uint64 validUntil)',
    'event IssuerWithdrawn(bytes5 indexed city, bytes32 indexed thumbprint, bytes32 indexed typeId, uint64 untrustedFrom)',
  ],
  RecognitionRegistry: [
    'event RecognitionGranted(bytes5 indexed recogniser, bytes5 indexed issuer, bytes32 indexed typeId, string credentialType, uint256 benefitClasses, uint64 validUntil)',
    'event RecognitionWithdrawn(bytes5 indexed recogniser, bytes5 indexed issuer, bytes32 indexed typeId)',
  ],
  StatusLists: [
    'event ListCreated(bytes5 indexed city, bytes32 indexed listId, string uri, uint32 size)',
    'event EpochPublished(bytes32 indexed listId, uint64 indexed epoch, bytes32 digest, bytes delta)',
  ],
  Anchors: ['event Anchored(bytes5 indexed city, uint8 indexed log, uint64 size, bytes32 root)'],
  RewardToken: ['event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value)'],
  RewardPrograms: [
    'event ProgramCreated(bytes32 indexed program, bytes5 indexed city, string name, address sponsor, uint64 from, uint64 until)',
    'event DenominationRegistered(bytes32 indexed program, uint16 indexed value, bytes modulus)',
    'event ProgramShared(bytes32 indexed program)',
    'event ProgramEndChanged(bytes32 indexed program, uint64 until)',
    'event NotesRedeemed(bytes32 indexed program, address indexed merchant, bytes32 indexed order, uint256 units, address[] notes)',
    'event ProgramClosed(bytes32 indexed program, uint256 burnt)',
  ],
  Settlement: [
    'event SettlementRequested(bytes32 indexed ref, bytes32 indexed program, bytes5 debtor, bytes5 payer, address indexed merchant, uint256 units)',
    'event SettlementPaid(bytes32 indexed ref, bytes32 bankReferenceHash)',
    'event NetSettled(bytes5 indexed debtor, bytes5 indexed creditor, uint256 units, bytes32 bankReferenceHash)',
  ],
  CitySeat: [],
  Federation: [
    'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)',
    'event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason)',
    'event ProposalQueued(uint256 proposalId, uint256 etaSeconds)',
    'event ProposalCanceled(uint256 proposalId)',
    'event VotingDelaySet(uint256 oldVotingDelay, uint256 newVotingDelay)',
    'event VotingPeriodSet(uint256 oldVotingPeriod, uint256 newVotingPeriod)',
    'event ProposalThresholdSet(uint256 oldProposalThreshold, uint256 newProposalThreshold)',
    'event QuorumNumeratorUpdated(uint256 oldQuorumNumerator, uint256 newQuorumNumerator)',
  ],
  Timelock: [
    'event CallScheduled(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data, bytes32 predecessor, uint256 delay)',
    'event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data)',
    'event Cancelled(bytes32 indexed id)',
    'event MinDelayChange(uint256 oldDuration, uint256 newDuration)',
  ],
  Guardian: [
    'event WritesPaused(address indexed target, bytes32 indexed incident, uint64 until)',
    'event PauseCleared(address indexed target)',
    'event GuardianAppointed(address guardian)',
  ],
}

export const contractNames: readonly string[] = Object.keys(declarations)
const interfaces = new Map(contractNames.map((name) => [name, new Interface(declarations[name] ?? [])]))

/** An event with its arguments: whole numbers as bigint, text as text, bytes in lower-case hex, addresses with checksum. */
export interface ChainEvent {
  /** Contract and event: `CityRegistry.CityAdmitted`. */
  readonly name: string
  /** Which contract wrote it. */
  readonly address: string
  readonly args: Readonly<Record<string, unknown>>
  readonly block: number
  readonly logIndex: number
  readonly transaction: string
}

/** Whether a contract of this name writes events with this topic. */
export function findEvent(contract: string, topic: string | undefined): EventFragment | undefined {
  return topic === undefined ? undefined : interfaces.get(contract)?.getEvent(topic) ?? undefined
}

export function decodeLog(contract: string, fragment: EventFragment, log: Log): ChainEvent {
  const coder = AbiCoder.defaultAbiCoder()
  const indexed = fragment.inputs.filter((input) => input.indexed)
  const others = fragment.inputs.filter((input) => !input.indexed)
  // Anybody can write bytes that are no text where text belongs; they are read with replacement characters.
  const values = coder.decode(others.map(({ type }) => type.replace('string', 'bytes')), log.data)
  const args: Record<string, unknown> = {}
  for (const [i, input] of indexed.entries()) args[input.name] = coder.decode([input.type], log.topics[i + 1] ?? '0x')[0]
  for (const [i, input] of others.entries()) {
    const value: unknown = values[i]
    args[input.name] = input.type === 'string' ? toText(String(value)) : value
  }
  return { name: `${contract}.${fragment.name}`, address: getAddress(log.address), args, block: Number(log.blockNumber), logIndex: Number(log.logIndex), transaction: log.transactionHash }
}

function toText(hex: string): string {
  return Buffer.from(hex.slice(2), 'hex').toString('utf8').replaceAll('\0', '\ufffd')
}
