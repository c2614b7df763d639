import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { AllowLists } from '../../../chain/permissioning/allow-lists.ts'
import { createBesuNode, type BesuNode } from '../../../chain/permissioning/besu-node.ts'
import { enodesOf } from '../../../chain/permissioning/files.ts'
import type { Membership } from '../../../chain/permissioning/membership.ts'
import type { Network } from '../../../chain/permissioning/network.ts'
import { createWatcher, type Renewal, type Watcher, type WatcherOptions } from '../../../chain/permissioning/watcher.ts'
import { ChainError } from '../../../chain/errors.ts'
import { createRpcProvider } from '../../../chain/rpc.ts'
import { writeAllowLists } from '../../../scripts/besu/network-folder.ts'
import { until } from '../support/until.ts'
import { FakeBesuNode } from '../../fakes/besu-node.ts'
import { addressOf, city, expectRefusal, fourValidators, membership, names, network, nodeEntry } from './networks.ts'

describe('the watcher of the allow-lists', () => {
  let folder: string
  let besu: FakeBesuNode
  let members: Membership
  let file: Network
  let registryIsAway: boolean
  const watchers: Watcher[] = []

  const porto = city('PTOPO', 'active', addressOf(50))
  const clermont = city('FRCFE', 'active', addressOf(60))

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symbolon-besu-'))
    besu = await new FakeBesuNode(join(folder, 'permissions_config.toml')).start()
    besu.validators = [1, 2, 3, 4].map(addressOf)
    members = membership([porto, clermont])
    file = network()
    registryIsAway = false
  })
  afterEach(async () => {
    await Promise.all(watchers.splice(0).map((watcher) => watcher.stop()))
    await besu.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const clientOf = (node: FakeBesuNode, token?: string): BesuNode =>
    createBesuNode(createRpcProvider({ rpcUrl: node.rpcUrl, ...(token === undefined ? {} : { bearerToken: async () => token }) }))

  function watch(more: Partial<WatcherOptions> = {}): Watcher {
    const watcher = createWatcher({
      members: {
        async read() {
          if (registryIsAway) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the chain node did not answer')
          return members
        }
      },
      readNetwork: async () => file,
      writeFiles: async (lists: AllowLists) => writeAllowLists(folder, lists),
      nodes: new Map([['node-5', clientOf(besu)]]),
      pollMs: 10,
      longestPauseMs: 40,
      ...more
    })
    watchers.push(watcher)
    return watcher
  }
  const stateOf = (renewal: Renewal, name = 'node-5') => ({ state: renewal.nodes.get(name)?.state, code: renewal.nodes.get(name)?.error?.code })

  it('writes the lists, has the node take them, and then leaves both alone', async () => {
    const watcher = watch()
    const first = await watcher.renew()
    expect(first.replaced).to.deep.equal(['permissions_config.toml', 'static-nodes.json'])
    expect(stateOf(first).state).to.equal('reloaded')
    expect(besu.lists).to.deep.equal({ enodes: enodesOf(first.plan), accounts: [...first.plan.accounts] })
    const second = await watcher.renew()
    expect(second.replaced).to.deep.equal([])
    expect(stateOf(second).state).to.equal('current')
    expect(besu.calls.filter((method) => method === 'perm_reloadPermissionsFromFile')).to.have.length(1)
  })

  it('lets in the node of a city that becomes active, and drops that of one that is suspended', async () => {
    file = network({ nodes: [...fourValidators().nodes, nodeEntry(7, 'DEBER', { role: 'member', founding: false })] })
    const watcher = watch()
    await watcher.renew()
    members = membership([porto, clermont, city('DEBER', 'active', addressOf(65))])
    expect(names((await watcher.renew()).plan.nodes)).to.include('node-7')
    expect(besu.lists.accounts).to.include(addressOf(65).toLowerCase())
    members = membership([porto, clermont, city('DEBER', 'suspended', addressOf(65))])
    await watcher.renew()
    expect(besu.lists.enodes.some((enode) => enode.includes('@10.0.0.7:'))).to.equal(false)
  })

  it('follows a change of the network file', async () => {
    const watcher = watch()
    await watcher.renew()
    file = network({ nodes: fourValidators().nodes.map((node) => (node.name === 'node-6' ? { ...node, host: '10.0.0.66' } : node)) })
    await watcher.renew()
    expect(besu.lists.enodes.some((enode) => enode.includes('@10.0.0.66:'))).to.equal(true)
  })

  it('brings a node up to date that was away, when it is back', async () => {
    await besu.stop()
    const renewals: Renewal[] = []
    watch({ onRenewed: (renewal) => renewals.push(renewal) }).start()
    await until(() => renewals.length >= 3, 'three tries')
    expect(stateOf(renewals[2] as Renewal)).to.deep.equal({ state: 'failed', code: 'ERR_CHAIN_UNREACHABLE' })
    // It starts with what the file held when it was away: that is the new list already.
    await besu.start()
    await until(() => renewals.at(-1)?.nodes.get('node-5')?.state === 'current', 'the node being current')
  })

  it('goes on when the registry was away', async () => {
    registryIsAway = true
    const errors: unknown[] = []
    const renewals: Renewal[] = []
    watch({ onError: (error) => errors.push(error), onRenewed: (renewal) => renewals.push(renewal) }).start()
    await until(() => errors.length >= 2, 'two failures')
    expect((errors[0] as ChainError).code).to.equal('ERR_CHAIN_UNREACHABLE')
    expect(renewals).to.deep.equal([])
    registryIsAway = false
    await until(() => renewals.length > 0, 'a renewal')
  })

  it('has the other nodes take the lists when one fails', async () => {
    const away = new FakeBesuNode(join(folder, 'permissions_config.toml'))
    await away.start()
    const nodes = new Map([['node-5', clientOf(away)], ['node-6', clientOf(besu)]])
    await away.stop()
    const renewal = await watch({ nodes }).renew()
    expect([stateOf(renewal, 'node-5').state, stateOf(renewal, 'node-6').state]).to.deep.equal(['failed', 'reloaded'])
  })

  for (const [what, change] of [
    ['was not given the PERM group', () => { besu.apis = ['ETH', 'QBFT'] }],
    ['has its allow-lists switched off', () => { besu.isPermissioned = false }]
  ] as const) {
    it(`says that a node has to be restarted that ${what}, and has its file ready`, async () => {
      change()
      const renewal = await watch().renew()
      expect(stateOf(renewal)).to.deep.equal({ state: 'restart-needed', code: 'ERR_PERMISSIONING_NOT_OFFERED' })
      expect(renewal.nodes.get('node-5')?.error?.message).to.match(/PERM in rpc-http-api.*restart its nodes one after the other/)
      expect(renewal.replaced).to.include('permissions_config.toml')
    })
  }

  it('says which token is missing', async () => {
    besu.token = 'right'
    expect(stateOf(await watch().renew())).to.deep.equal({ state: 'failed', code: 'ERR_PERMISSIONING_UNAUTHORIZED' })
    expect(stateOf(await watch({ nodes: new Map([['node-5', clientOf(besu, 'right')]]) }).renew()).state).to.equal('reloaded')
  })

  it('notices a node that reads another file than the one written', async () => {
    const elsewhere = join(folder, 'elsewhere.toml')
    await writeFile(elsewhere, 'nodes-allowlist=[]\naccounts-allowlist=[]\n')
    const other = await new FakeBesuNode(elsewhere).start()
    other.validators = besu.validators
    try {
      const renewal = await watch({ nodes: new Map([['node-5', clientOf(other)]]) }).renew()
      expect(stateOf(renewal)).to.deep.equal({ state: 'failed', code: 'ERR_PERMISSIONING_NOT_TAKEN' })
    } finally {
      await other.stop()
    }
  })

  it('notices a node that cannot read its file', async () => {
    const missing = await new FakeBesuNode(join(folder, 'nowhere', 'permissions_config.toml')).start()
    try {
      const renewal = await watch({ nodes: new Map([['node-5', clientOf(missing)]]) }).renew()
      expect(stateOf(renewal)).to.deep.equal({ state: 'failed', code: 'ERR_PERMISSIONING_RELOAD_REFUSED' })
    } finally {
      await missing.stop()
    }
  })

  it('keeps the validators of a suspended city while the chain needs them, and lets them go once they are voted out', async () => {
    members = membership([porto, { ...clermont, status: 'suspended' }])
    const watcher = watch()
    expect(names((await watcher.renew()).plan.retained)).to.deep.equal(['node-3', 'node-4'])
    besu.validators = [1, 2].map(addressOf)
    const renewal = await watcher.renew()
    expect(names(renewal.plan.nodes)).to.deep.equal(['node-1', 'node-2', 'node-5'])
    expect(besu.lists.enodes).to.deep.equal(enodesOf(renewal.plan))
  })

  it('leaves the files alone rather than lock everybody out', async () => {
    const watcher = watch({ self: ['node-6'] })
    await watcher.renew()
    const before = besu.lists
    members = membership([city('PTOPO', 'suspended'), city('FRCFE', 'removed')])
    await expectRefusal(watcher.renew(), 'ERR_PERMISSIONING_LOCKOUT')
    members = membership([porto, { ...clermont, status: 'suspended' }])
    await expectRefusal(watcher.renew(), 'ERR_PERMISSIONING_SELF_EXCLUDED')
    await besu.stop()
    await besu.start()
    expect(besu.lists).to.deep.equal(before)
  })

  it('takes a node for up to date that says addresses where the file says names', async () => {
    file = network({ nodes: fourValidators().nodes.map((node) => ({ ...node, host: `${node.name}.chain.example` })) })
    const watcher = watch()
    await watcher.renew()
    const resolved = besu.lists.enodes.map((enode, index) => enode.replace(/@[^:]+:/, `@10.9.9.${index}:`))
    await writeFile(join(folder, 'resolved.toml'), `nodes-allowlist=${JSON.stringify(resolved)}\naccounts-allowlist=${JSON.stringify(besu.lists.accounts)}\n`)
    const resolving = await new FakeBesuNode(join(folder, 'resolved.toml')).start()
    try {
      expect(stateOf(await watch({ nodes: new Map([['node-5', clientOf(resolving)]]) }).renew()).state).to.equal('current')
    } finally {
      await resolving.stop()
    }
  })
})
