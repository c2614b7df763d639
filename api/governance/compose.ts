import { locodeBytes } from '../city/identity.ts'
import { ApiError } from '../platform/errors.ts'
import { decisionsOf, isMotion, type Control, type ControllerKey, type GovernanceAction, type GovernanceCall, type GovernanceChain, type KnownProposal, type ProposalFault } from './types.ts'

/** A call and the key that sends it; undefined means the city's controller, whichever that is when it is sent. */
export interface ComposedCall {
  readonly call: GovernanceCall
  readonly from: ControllerKey
  readonly sender: 'controller' | 'next'
  /** Of the proposal that the call is about; none when it takes the proposal back. */
  readonly faults: readonly ProposalFault[]
}

export interface ComposeOptions {
  readonly chain: Pick<GovernanceChain, 'encode' | 'findProposal'>
  readonly locode: string
  readonly control: Control
}

const supportCodes = { against: 0, for: 1, abstain: 2 } as const

/**
 * Turns what officers mean into the call that the city's key signs.
 *
 * @throws ApiError `ERR_PROPOSAL_UNKNOWN`, `ERR_NOTHING_OFFERED`
 * @throws ChainError when a decision makes no sense as the chain stands
 */
export async function composeCall(action: GovernanceAction, text: string, { chain, locode, control }: ComposeOptions): Promise<ComposedCall> {
  const byController = (call: GovernanceCall, faults: readonly ProposalFault[] = []): ComposedCall => ({ call, from: control.current, sender: 'controller', faults })
  const city = locodeBytes(locode)
  if (isMotion(action)) {
    const { targets, values, calldatas } = await chain.encode(decisionsOf(action))
    return byController({ contract: 'Federation', method: 'propose', args: [targets, values, calldatas, text] })
  }
  switch (action.type) {
    case 'vote': {
      const { faults } = await requireProposal(chain, action.proposalId)
      return byController({ contract: 'Federation', method: 'castVoteWithReason', args: [BigInt(action.proposalId), supportCodes[action.support], text] }, faults)
    }
    case 'queue':
    case 'execute':
    case 'cancel': {
      const { calls, descriptionHash, faults } = await requireProposal(chain, action.proposalId)
      const call = { contract: 'Federation', method: action.type, args: [calls.targets, calls.values, calls.calldatas, descriptionHash] } as const
      return byController(call, action.type === 'cancel' ? [] : faults)
    }
    case 'appeal': return byController({ contract: 'CityRegistry', method: 'appeal', args: [city, action.statementHash] })
    case 'offer_controller': {
      if (action.account === undefined) throw new TypeError('an offer names its account')
      return byController({ contract: 'CityRegistry', method: 'offerController', args: [city, action.account] })
    }
    case 'accept_controller': {
      if (control.next === undefined) throw new ApiError('ERR_NOTHING_OFFERED')
      return { call: { contract: 'CityRegistry', method: 'acceptController', args: [city] }, from: control.next, sender: 'next', faults: [] }
    }
    case 'share_program': return byController({ contract: 'RewardPrograms', method: 'share', args: [action.programId] })
  }
}

async function requireProposal(chain: ComposeOptions['chain'], proposalId: string): Promise<KnownProposal> {
  const proposal = await chain.findProposal(proposalId)
  if (proposal === undefined) throw new ApiError('ERR_PROPOSAL_UNKNOWN')
  return proposal
}
