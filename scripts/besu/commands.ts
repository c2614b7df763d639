import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readDeployment } from '../../chain/deployment.ts'
import { foundingAllowLists, planAllowLists, type AllowListPlan } from '../../chain/permissioning/allow-lists.ts'
import { besuPaths, permissionsFile } from '../../chain/permissioning/files.ts'
import { createMembershipReader } from '../../chain/permissioning/membership.ts'
import type { Network } from '../../chain/permissioning/network.ts'
import { createWatcher, type Renewal } from '../../chain/permissioning/watcher.ts'
import { createRpcProvider } from '../../chain/rpc.ts'
import type { Command, CommandGroup, CommandInput, CommandOption } from '../lib/command-line.ts'
import { SetupError } from '../lib/setup-error.ts'
import { writeAllowLists, writeNetworkFolder } from './network-folder.ts'
import { check, nodes, silent } from './health.ts'
import { readNetwork } from './network-file.ts'
import { makeNodeKeys } from './node-keys.ts'
import { nodeOptions, nodesOf } from './nodes-option.ts'
import { makeTokenKey, signToken } from './tokens.ts'
import { addValidator, removeValidator, validators } from './validators.ts'

const networkOption = { network: { value: 'FILE', about: 'the federation’s network file', required: true } } as const satisfies Record<string, CommandOption>
const registryOptions = {
  deployment: { value: 'FILE', about: 'where the contracts stand (deployment.json)' },
  rpc: { value: 'URL', about: 'JSON-RPC of a node of the chain' }
} as const satisfies Record<string, CommandOption>

function describePlan(network: Network, { nodes, accounts, retained }: AllowListPlan): readonly string[] {
  const left = network.nodes.filter((node) => !nodes.includes(node))
  return [
    `  nodes     ${nodes.map((node) => node.name).join(', ')}`,
    ...(left.length > 0 ? [`  left out  ${left.map((node) => `${node.name} (${node.city})`).join(', ')}`] : []),
    `  accounts  ${accounts.length}`,
    ...retained.map((node) => `  ! ${node.name} of ${node.city} stays although the city is not active: the chain would stand still without it. Vote it out: symbolon besu remove-validator --address ${node.address}`)
  ]
}

const keys: Command = {
  name: 'keys',
  about: 'makes the keys of nodes that have none and enters their public keys into the network file',
  options: {
    ...networkOption,
    out: { value: 'DIR', about: 'folder of the keys, one file for each node, for its owner alone', required: true },
    only: { value: 'NAME', about: 'this node and no other', many: true }
  },
  async run(input, print) {
    const only = input.list('only')
    const said = { made: 'made', found: 'found', elsewhere: 'kept by another city' } as const
    for (const [name, outcome] of makeNodeKeys(input.text('network'), input.text('out'), only.length > 0 ? only : undefined)) print(`  ${name.padEnd(20)} key ${said[outcome]}`)
    print('Keep a copy of these keys where the nodes are not: a validator whose key is lost has to be voted out.')
  }
}

const generate: Command = {
  name: 'generate',
  about: 'writes first block, nodes’ configuration and allow-lists',
  options: {
    ...networkOption,
    out: { value: 'DIR', about: 'folder to write to', required: true },
    founding: { about: 'there is no registry yet: allow what the network file names' },
    ...registryOptions
  },
  async run(input, print) {
    const network = readNetwork(input.text('network'))
    const out = input.text('out')
    const plan = await planOf(network, input)
    const replaced = [...writeNetworkFolder(out, network), ...writeAllowLists(join(out, 'permissions'), plan).map((name) => join('permissions', name))]
    for (const node of network.nodes) mkdirSync(join(out, 'data', node.name), { recursive: true, mode: 0o700 })
    for (const line of describePlan(network, plan)) print(line)
    print(replaced.length === 0 ? 'Everything was up to date.' : `Written to ${out}: ${replaced.join(', ')}`)
    if (plan.accounts.length === 0) print('  ! no account may send, so nobody can deploy the contracts: enter the deployer and the first controllers as foundingAccounts.')
    const validators = network.nodes.filter((node) => node.founding).length
    if (validators < 4) print(`  ! ${validators} founding validators: with fewer than four the chain stands still when one of them fails.`)
  }
}

async function planOf(network: Network, input: CommandInput): Promise<AllowListPlan> {
  const registry = registryOf(input)
  if (input.flag('founding') === (registry !== undefined)) {
    throw new SetupError('Give --deployment and --rpc to write the lists from the registry, or --founding when there is no registry yet.')
  }
  if (registry === undefined) return foundingAllowLists(network)
  return planAllowLists(network, await createMembershipReader(await registry).read())
}

async function openRegistry(deploymentFile: string, rpcUrl: string) {
  return { deployment: await readDeployment(deploymentFile), provider: createRpcProvider({ rpcUrl }) }
}

function registryOf(input: CommandInput): ReturnType<typeof openRegistry> | undefined {
  const deploymentFile = input.optional('deployment')
  const rpcUrl = input.optional('rpc')
  if (deploymentFile === undefined && rpcUrl === undefined) return undefined
  if (deploymentFile === undefined || rpcUrl === undefined) throw new SetupError('--deployment and --rpc belong together.')
  return openRegistry(deploymentFile, rpcUrl)
}

const watch: Command = {
  name: 'watch',
  about: 'renews the allow-lists whenever the membership changes, and has the nodes take them',
  options: {
    ...networkOption,
    deployment: { ...registryOptions.deployment, required: true },
    rpc: { ...registryOptions.rpc, required: true },
    out: { value: 'DIR', about: 'folder of permissions_config.toml and static-nodes.json', required: true },
    ...nodeOptions,
    self: { value: 'NAME', about: 'a node these files are for, which they may never leave out', many: true },
    poll: { value: 'SECONDS', about: 'how often to look', standard: '5' },
    once: { about: 'look once and end; fails when a node did not take the lists' }
  },
  async run(input, print, stopped) {
    const networkFile = input.text('network')
    const out = input.text('out')
    let last = ''
    const watcher = createWatcher({
      members: createMembershipReader(await openRegistry(input.text('deployment'), input.text('rpc'))),
      readNetwork: async () => readNetwork(networkFile),
      writeFiles: async (lists) => writeAllowLists(out, lists),
      nodes: nodesOf(input, ['perm:*', 'qbft:getValidatorsByBlockNumber']),
      self: input.list('self'),
      pollMs: input.number('poll', 1, 3_600) * 1_000,
      onRenewed: (renewal) => {
        const lines = describeRenewal(readNetwork(networkFile), renewal)
        if (renewal.replaced.length === 0 && lines === last) return
        last = lines
        print(`${new Date().toISOString()} block ${renewal.block}\n${lines}`)
      },
      onError: (error) => {
        const sentence = error instanceof Error ? error.message : String(error)
        if (sentence !== last) print(`${new Date().toISOString()} not renewed: ${sentence}`)
        last = sentence
      }
    })
    if (input.flag('once')) {
      const renewal = await watcher.renew()
      print(describeRenewal(readNetwork(networkFile), renewal))
      const [failure] = [...renewal.nodes.values()].flatMap(({ error }) => error ?? [])
      if (failure) throw failure
      return
    }
    watcher.start()
    if (!stopped.aborted) await new Promise((resolve) => stopped.addEventListener('abort', resolve, { once: true }))
    await watcher.stop()
  }
}

function describeRenewal(network: Network, { plan, replaced, nodes }: Renewal): string {
  return [
    ...describePlan(network, plan),
    ...(replaced.length > 0 ? [`  replaced  ${replaced.join(', ')}`] : []),
    ...[...nodes].map(([name, { state, error }]) => `  ${name.padEnd(20)} ${state}${error ? `: ${error.message}` : ''}`)
  ].join('\n')
}

const tokenKey: Command = {
  name: 'token-key',
  about: 'makes the key that signs tokens for the nodes’ JSON-RPC',
  options: { out: { value: 'DIR', about: 'folder of the two halves: operators keep the private one, nodes get the public one', required: true } },
  async run(input, print) {
    print(makeTokenKey(input.text('out')) ? `Made. The nodes get jwt.pub.pem (${besuPaths.rpc}), and nothing else of it.` : 'There is one already; it was left as it is.')
  }
}

const token: Command = {
  name: 'token',
  about: 'signs a token for the nodes’ JSON-RPC and prints it',
  options: {
    key: { value: 'FILE', about: 'jwt.key.pem of token-key', required: true },
    allow: { value: 'METHODS', about: 'what it allows, such as perm:* or qbft:proposeValidatorVote', many: true, required: true },
    hours: { value: 'N', about: 'how long it is good for', standard: '1' }
  },
  async run(input, print) {
    const stray = input.list('allow').find((text) => !/^(\*|[a-z0-9]+):(\*|[A-Za-z0-9]+)$/.test(text))
    if (stray !== undefined) throw new SetupError(`--allow takes a group and a method, such as perm:* or qbft:proposeValidatorVote, not "${stray}".`)
    print(await signToken(input.text('key'), input.list('allow'), input.number('hours', 1, 720) * 3_600))
  }
}

/** What operators do with a Besu network. `permissionsFile` is the one that changes. */
export const besuCommands: CommandGroup = {
  name: 'besu',
  about: `the cities’ own chain on Hyperledger Besu: keys, first block, ${permissionsFile}, validators`,
  commands: [keys, generate, watch, nodes, check, silent, validators, addValidator, removeValidator, tokenKey, token]
}
