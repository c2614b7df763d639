import { getAddress } from 'ethers'
import { quorumOf } from '../../chain/permissioning/allow-lists.ts'
import type { BesuNode } from '../../chain/permissioning/besu-node.ts'
import { PermissioningError } from '../../chain/permissioning/errors.ts'
import { fewestSafeValidators, voteOnValidator } from '../../chain/permissioning/votes.ts'
import type { Command, CommandInput, CommandOption } from '../lib/command-line.ts'
import { SetupError } from '../lib/setup-error.ts'
import { nodeNamed, readNetwork } from './network-file.ts'
import { nodeOptions, nodesOf } from './nodes-option.ts'

const options = {
  network: { value: 'FILE', about: 'the federation’s network file', required: true },
  ...nodeOptions,
  node: { ...nodeOptions.node, about: 'one of your own validators and the address of its JSON-RPC', required: true }
} as const satisfies Record<string, CommandOption>

const voteOptions = {
  ...options,
  wait: { value: 'SECONDS', about: 'how long to wait for the others’ votes', standard: '60' }
} as const satisfies Record<string, CommandOption>

const permissions = ['qbft:*', 'perm:getNodesAllowlist', 'perm:getAccountsAllowlist']

export const validators: Command = {
  name: 'validators',
  about: 'lists the validators of the moment and what is being voted on',
  options,
  async run(input, print) {
    const network = readNetwork(input.text('network'))
    const nodes = nodesOf(input, permissions)
    const inForce = await firstOf(nodes).fetchValidators('pending')
    const named = new Map(network.nodes.map((node) => [node.address, node]))
    for (const address of inForce) {
      const node = named.get(address)
      print(`  ${address}  ${node ? `${node.name} (${node.city})` : 'not in the network file'}`)
    }
    print(`  ${inForce.length} validators; ${quorumOf(inForce.length)} are needed for a block, so ${inForce.length - quorumOf(inForce.length)} may fail`)
    for (const [name, node] of nodes) {
      for (const [address, add] of await node.fetchProposals()) print(`  ${name} proposes to ${add ? 'add' : 'remove'} ${named.get(address)?.name ?? address}`)
    }
  }
}

export const addValidator: Command = {
  name: 'add-validator',
  about: 'votes for a node of the network file to become a validator',
  options: { ...voteOptions, validator: { value: 'NAME', about: 'the node that is to become one', required: true } },
  async run(input, print) {
    const node = nodeNamed(readNetwork(input.text('network')), input.text('validator'))
    if (node.role !== 'validator') {
      throw new PermissioningError('ERR_PERMISSIONING_NODE_UNSUITABLE', `${node.name} has the role "${node.role}" in the network file: the federation agrees on "validator" there first`)
    }
    const voters = nodesOf(input, permissions)
    for (const [name, voter] of voters) {
      const { enodes } = await voter.fetchAllowLists()
      if (enodes.some((enode) => enode.includes(node.enode.slice('enode://'.length, 'enode://'.length + 128)))) continue
      throw new PermissioningError('ERR_PERMISSIONING_NODE_UNSUITABLE', `${name} does not let ${node.name} connect: a validator that nobody hears counts against the quorum. Renew the allow-lists first (symbolon besu watch)`)
    }
    await vote(input, print, voters, node.address, true)
  }
}

export const removeValidator: Command = {
  name: 'remove-validator',
  about: 'votes for a validator to be removed',
  options: {
    ...voteOptions,
    validator: { value: 'NAME', about: 'the node that is to be one no longer' },
    address: { value: '0x…', about: 'its account, when it is not in the network file any more' },
    'below-four': { about: 'also when fewer than four validators are left, and the failure of one stops the chain' }
  },
  async run(input, print) {
    const name = input.optional('validator')
    const address = input.optional('address')
    if ((name === undefined) === (address === undefined)) throw new SetupError('Give --validator or --address.')
    if (address !== undefined && !/^0x[0-9a-fA-F]{40}$/.test(address)) throw new SetupError('--address takes 0x and 40 hexadecimal digits.')
    const account = name === undefined ? getAddress((address ?? '').toLowerCase()) : nodeNamed(readNetwork(input.text('network')), name).address
    const voters = nodesOf(input, permissions)
    const inForce = await firstOf(voters).fetchValidators('pending')
    if (inForce.includes(account) && inForce.length <= fewestSafeValidators && !input.flag('below-four')) {
      throw new PermissioningError('ERR_PERMISSIONING_LOCKOUT', `${inForce.length - 1} validators would be left, and the failure of one would stop the chain: add another first, or say --below-four`)
    }
    await vote(input, print, voters, account, false)
  }
}

async function vote(input: CommandInput, print: (line: string) => void, voters: ReadonlyMap<string, BesuNode>, validator: string, add: boolean): Promise<void> {
  const waitMs = input.number('wait', 0, 86_400) * 1_000
  const outcome = await voteOnValidator({ voters, validator, add, waitMs, onProgress: (sentence) => print(`  ${sentence}`) })
  const state = add ? 'a validator' : 'no validator'
  if (outcome === 'already') print(`It is ${state} already.`)
  else if (outcome === 'done') print(`It is ${state} from the next block on.`)
  else print('Not decided yet: the proposals stand, and count as soon as more than half of the validators voted so. Run the command again to see.')
}

function firstOf(nodes: ReadonlyMap<string, BesuNode>): BesuNode {
  const [first] = nodes.values()
  if (!first) throw new SetupError('--node is missing.')
  return first
}
