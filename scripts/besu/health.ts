import { checkSilence, checkSpare, waitForHealth } from '../../chain/permissioning/health.ts'
import { PermissioningError } from '../../chain/permissioning/errors.ts'
import type { Command, CommandOption } from '../lib/command-line.ts'
import { SetupError } from '../lib/setup-error.ts'
import { nodeNamed, readNetwork } from './network-file.ts'
import { nodeOptions, nodesOf } from './nodes-option.ts'

const networkOption = { network: { value: 'FILE', about: 'the federation’s network file', required: true } } as const satisfies Record<string, CommandOption>
const needsNodes = { ...networkOption, ...nodeOptions, node: { ...nodeOptions.node, required: true } } as const satisfies Record<string, CommandOption>
const permissions = ['web3:clientVersion', 'eth:syncing', 'eth:chainId', 'eth:blockNumber', 'net:peerCount', 'qbft:getValidatorsByBlockNumber', 'qbft:getSignerMetrics']

export const nodes: Command = {
  name: 'nodes',
  about: 'lists the nodes of the network file: name, role, city, host, account',
  options: networkOption,
  async run(input, print) {
    for (const { name, role, city, host, address } of readNetwork(input.text('network')).nodes) print([name, role, city, host, address].join('\t'))
  }
}

export const check: Command = {
  name: 'check',
  about: 'waits until nodes keep up with the chain and, as validators, make blocks; fails when they do not',
  options: {
    ...needsNodes,
    version: { value: 'VERSION', about: 'the Besu they have to be, such as 26.3.0' },
    peers: { value: 'N', about: 'how many peers each needs (a validator: a quorum with it; a member: one)' },
    spare: { about: 'fails also when the chain would stand still with one validator less' },
    wait: { value: 'SECONDS', about: 'how long they may take', standard: '60' }
  },
  async run(input, print) {
    const network = readNetwork(input.text('network'))
    const version = input.optional('version')
    const peers = input.optional('peers') === undefined ? undefined : input.number('peers', 0, 1_000)
    const waitMs = input.number('wait', 1, 86_400) * 1_000
    const outcomes = await Promise.allSettled([...nodesOf(input, permissions)].map(async ([name, node]) => {
      const about = nodeNamed(network, name)
      const health = await waitForHealth({
        node, about, chainId: network.chain.chainId, waitMs, ...(version === undefined ? {} : { version }), ...(peers === undefined ? {} : { peers })
      })
      if (input.flag('spare')) await checkSpare(node)
      print(`  ${name.padEnd(20)} block ${health.block}, ${health.peers} peers, ${health.made === undefined ? 'reads' : `made block ${health.made}`}, ${health.client}`)
    }))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    const [first] = errors
    if (errors.length > 1 && errors.every((error) => error instanceof PermissioningError)) {
      throw new PermissioningError('ERR_PERMISSIONING_NODE_UNHEALTHY', errors.map((error) => error.message).join('\n  '), { cause: first })
    }
    if (first !== undefined) throw first
  }
}

export const silent: Command = {
  name: 'silent',
  about: 'makes sure that nobody makes blocks with a validator’s key, before it is put on another machine',
  options: { ...needsNodes, node: { ...needsNodes.node, about: 'any other node of the chain, and the address of its JSON-RPC' }, validator: { value: 'NAME', about: 'the validator', required: true } },
  async run(input, print) {
    const validator = nodeNamed(readNetwork(input.text('network')), input.text('validator'))
    for (const [name, node] of nodesOf(input, permissions)) {
      if (name === validator.name) throw new SetupError(`--node names another node than ${name}: one that is up, and knows the newest blocks.`)
      print(`  ${name} knows no block of ${validator.name} among the last ${await checkSilence(node, validator)}`)
    }
  }
}
