import { id, type Wallet } from 'ethers'
import { createContractBook } from '../../../chain/contract-book.ts'
import type { Deployment } from '../../../chain/deployment.ts'
import { encodeActions, type Calls, type FederationAction } from '../../../chain/governance-actions.ts'
import { demoParameters } from '../../../scripts/lib/federation-parameters.ts'
import { foundFederation } from '../../../scripts/lib/found-federation.ts'
import { barcelonaController, berlinController, clermontController, guardian, owner, portoController, recovery } from './accounts.ts'
import { proposalIdOf, type Sender } from './sender.ts'

/** Accounts of the four cities that found every test's federation. */
export const founders = [
  ['PTOPO', 'Porto', portoController],
  ['FRCFE', 'Clermont-Ferrand', clermontController],
  ['ESBCN', 'Barcelona', barcelonaController],
  ['DEBER', 'Berlin', berlinController]
] as const

/** Hands the contracts over to a federation of four cities with short voting times. */
export async function foundTestFederation(rpcUrl: string, deployment: Deployment): Promise<void> {
  const cities = founders.map(([locode, name, controller]) => {
    const host = name.toLowerCase()
    return {
      locode, name, did: `did:web:${host}.example`, controller: controller.address, recovery: recovery.address, serviceUrl: `https://${host}.example`,
      agreementHash: id(`agreement of ${locode}`), dpiaHash: id(`dpia of ${locode}`)
    }
  })
  await foundFederation({ rpcUrl, deployerPrivateKey: owner.privateKey, deployment, cities, guardian: guardian.address, parameters: demoParameters })
}

/** A proposal on its way. */
export interface Motion {
  readonly proposalId: string
  readonly calls: Calls
  readonly descriptionHash: string
}

/** What the cities' officers do, on any engine. */
export class Council {
  readonly sender: Sender

  constructor(sender: Sender) {
    this.sender = sender
  }

  async propose(actions: readonly FederationAction[], { by = portoController, description = 'Because' } = {}): Promise<Motion> {
    return await this.proposeCalls(encodeActions(actions, createContractBook(this.sender.deployment.contracts)), { by, description })
  }

  async proposeCalls(calls: Calls, { by = portoController, description = 'Because' } = {}): Promise<Motion> {
    const { transactionHash } = await this.sender.call(by, 'Federation', 'propose', [calls.targets, calls.values, calls.calldatas, description])
    return { proposalId: String(await proposalIdOf(this.sender, transactionHash)), calls, descriptionHash: id(description) }
  }

  async vote({ proposalId }: Motion, by: Wallet, support: 'for' | 'against' | 'abstain', reason = ''): Promise<void> {
    const number = { against: 0, for: 1, abstain: 2 }[support]
    await this.sender.call(by, 'Federation', 'castVoteWithReason', [BigInt(proposalId), number, reason])
  }

  /** Lets the voting delay pass. */
  async beginVote(): Promise<void> {
    await this.sender.pass(demoParameters.votingDelaySeconds + 1)
  }

  async endVote(): Promise<void> {
    await this.sender.pass(demoParameters.votingPeriodSeconds + 1)
  }

  async queue({ calls, descriptionHash }: Motion): Promise<void> {
    await this.sender.call(portoController, 'Federation', 'queue', [calls.targets, calls.values, calls.calldatas, descriptionHash])
  }

  async execute({ calls, descriptionHash }: Motion): Promise<{ transactionHash: string; blockNumber: number }> {
    await this.sender.pass(demoParameters.timelockDelaySeconds + 1)
    return await this.sender.call(owner, 'Federation', 'execute', [calls.targets, calls.values, calls.calldatas, descriptionHash])
  }

  /** A proposal that three cities vote for, up to where it waits in the timelock. */
  async agree(actions: readonly FederationAction[], description = 'Because'): Promise<Motion> {
    const motion = await this.propose(actions, { description })
    await this.beginVote()
    for (const city of [portoController, clermontController, barcelonaController]) await this.vote(motion, city, 'for', 'We agree')
    await this.endVote()
    await this.queue(motion)
    return motion
  }

  /** The same, carried out. */
  async decide(actions: readonly FederationAction[], description = 'Because'): Promise<Motion & { transactionHash: string; blockNumber: number }> {
    const motion = await this.agree(actions, description)
    return { ...motion, ...(await this.execute(motion)) }
  }
}
