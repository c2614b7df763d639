import { getAddress } from 'ethers'
import type { BesuNode } from './besu-node.ts'
import { PermissioningError } from './errors.ts'

export interface VoteOptions {
  /** The nodes to vote with: validators of whoever votes, by name. */
  readonly voters: ReadonlyMap<string, BesuNode>
  readonly validator: string
  /** True to add, false to remove. */
  readonly add: boolean
  /** How long to wait for the others' votes, in milliseconds; 0 not at all. */
  readonly waitMs: number
  readonly pollMs?: number
  readonly onProgress?: (sentence: string) => void
}

export type VoteOutcome = 'already' | 'done' | 'proposed'

/** With fewer than four validators no failure of a single one is survived. */
export const fewestSafeValidators = 4

/**
 * Votes for a validator to be added or removed, with every node given, and waits until more than half of all validators did.
 * Proposals are taken back once they are fulfilled: a proposal that stays would be voted again after an epoch.
 *
 * @throws PermissioningError `ERR_PERMISSIONING_NODE_UNSUITABLE`, `ERR_PERMISSIONING_LOCKOUT`, and those of `BesuNode`
 * @see https://besu.hyperledger.org/private-networks/how-to/configure/consensus/qbft#add-and-remove-validators-using-block-headers
 */
export async function voteOnValidator({ voters, validator, add, waitMs, pollMs = 1_000, onProgress = () => undefined }: VoteOptions): Promise<VoteOutcome> {
  const [first] = voters.values()
  if (!first) throw new PermissioningError('ERR_PERMISSIONING_NODE_UNSUITABLE', 'there is no node to vote with')
  const address = getAddress(validator)
  const before = await first.fetchValidators('pending')
  const isFulfilled = (validators: readonly string[]): boolean => validators.includes(address) === add
  if (isFulfilled(before)) {
    await discard(voters, address)
    return 'already'
  }
  if (!add && before.length === 1) throw new PermissioningError('ERR_PERMISSIONING_LOCKOUT', 'this is the only validator: without it the chain stands still for ever')
  for (const [name, node] of voters) {
    await node.proposeVote(address, add)
    onProgress(`${name} votes ${add ? 'for' : 'against'} ${address}`)
  }
  const needed = Math.floor(before.length / 2) + 1
  onProgress(`${voters.size} of ${needed} votes cast here; a vote counts once its validator made a block`)
  for (const deadline = Date.now() + waitMs; Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, waitMs)))
    if (!isFulfilled(await first.fetchValidators('pending'))) continue
    await discard(voters, address)
    return 'done'
  }
  return 'proposed'
}

async function discard(voters: ReadonlyMap<string, BesuNode>, address: string): Promise<void> {
  for (const node of voters.values()) {
    if ((await node.fetchProposals()).has(address)) await node.discardVote(address)
  }
}
