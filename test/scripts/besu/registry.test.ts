import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { stringify } from 'yaml'
import { parsePermissions } from '../../../chain/permissioning/files.ts'
import { besuCommands } from '../../../scripts/besu/commands.ts'
import { runCommandLine } from '../../../scripts/lib/command-line.ts'
import { addressOf, fourValidators, network as networkOf, nodeEntry } from '../../chain/permissioning/networks.ts'
import { clermont, clermontController, owner, portoController, recovery, TestNetwork, toBytes5 } from '../../chain/support/network.ts'
import { until } from '../../chain/support/until.ts'
import { FakeBesuNode } from '../../fakes/besu-node.ts'

const nodes = [...fourValidators().nodes, nodeEntry(7, 'DEBER', { role: 'member', founding: false })]
const documentHash = `0x${'11'.repeat(32)}`

describe('symbolon besu, on a chain with a registry', function () {
  this.timeout(60_000)
  let chain: TestNetwork
  let folder: string
  let besu: FakeBesuNode
  let out: string[]
  let err: string[]

  before(async () => {
    chain = await TestNetwork.start()
  })
  after(() => chain.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symbolon-besu-'))
    await writeFile(join(folder, 'network.yaml'), stringify(fourValidators({ nodes })))
    await writeFile(join(folder, 'deployment.json'), JSON.stringify(chain.deployment))
    besu = await new FakeBesuNode(join(folder, 'permissions', 'permissions_config.toml')).start()
    besu.validators = [1, 2, 3, 4].map(addressOf)
  })
  afterEach(async () => {
    await besu.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function run(args: readonly string[], stopped = AbortSignal.abort()): Promise<number> {
    out = []
    err = []
    return await runCommandLine('symbolon', [besuCommands], ['besu', ...args], { print: (line) => out.push(line), complain: (line) => err.push(line), stopped })
  }
  const registry = () => ['--network', join(folder, 'network.yaml'), '--deployment', join(folder, 'deployment.json'), '--rpc', chain.rpcUrl]
  const watch = () => ['watch', ...registry(), '--out', join(folder, 'permissions'), '--node', `node-5=${besu.rpcUrl}`, '--poll', '1']
  const lists = async () => parsePermissions(await readFile(join(folder, 'permissions', 'permissions_config.toml'), 'utf8'))
  const enodesOf = (...names: string[]) => networkOf({ nodes }).nodes.filter(({ name }) => names.includes(name)).map(({ enode }) => enode)
  const lower = (...accounts: { address: string }[]) => accounts.map(({ address }) => address.toLowerCase())

  it('generates the lists of the registry: active cities’ nodes, and who the contracts know', async () => {
    expect(await run(['generate', ...registry(), '--out', folder]), err.join()).to.equal(0)
    const written = await lists()
    expect(written?.enodes).to.have.members(enodesOf('node-1', 'node-2', 'node-3', 'node-4', 'node-5', 'node-6'))
    expect(written?.accounts).to.have.members([...lower(portoController, clermontController, recovery), ...[70, 71].map((number) => addressOf(number).toLowerCase())])
    expect(out.join('\n')).to.match(/left out +node-7 \(DEBER\)/)
  })

  it('renews them once on demand, and fails when the node does not take them', async () => {
    expect(await run([...watch(), '--once']), err.join()).to.equal(0)
    expect(besu.lists.enodes).to.have.length(6)
    await besu.stop()
    expect(await run([...watch(), '--once'])).to.equal(1)
    expect(err.join()).to.match(/ERR_CHAIN_UNREACHABLE/)
  })

  it('follows a city that joins and one that is suspended, until it is stopped', async () => {
    const snapshot = await chain.provider.send('evm_snapshot', [])
    const stop = new AbortController()
    const watching = run(watch(), stop.signal)
    try {
      await until(() => besu.lists.enodes.length === 6, 'the first lists')
      const berlin = toBytes5('DEBER')
      const { CityRegistry } = chain.contracts(owner)
      await (await CityRegistry.admit(berlin, 'Berlin', 'did:web:berlin.example', addressOf(65), addressOf(66), 'https://berlin.example')).wait()
      await until(() => besu.lists.accounts.includes(addressOf(65).toLowerCase()), 'the account of the admitted city')
      expect(besu.lists.enodes).to.have.length(6)
      await (await CityRegistry.activate(berlin, documentHash, documentHash)).wait()
      await until(() => besu.lists.enodes.length === 7, 'the node of the active city')
      const { timestamp } = (await chain.provider.send('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
      await (await CityRegistry.suspend(clermont, 1, Number(timestamp) + 86_400)).wait()
      await until(() => besu.lists.enodes.length === 6, 'the suspended city’s node being dropped')
      // Its two validators stay: without them there would be no quorum to lift the suspension.
      expect(besu.lists.enodes).to.have.members(enodesOf('node-1', 'node-2', 'node-3', 'node-4', 'node-5', 'node-7'))
    } finally {
      stop.abort()
      expect(await watching, err.join()).to.equal(0)
      await chain.provider.send('evm_revert', [snapshot])
    }
    expect(out.join('\n')).to.match(/node-3 of FRCFE stays although the city is not active.*remove-validator/)
  })

  it('says what is wrong with the deployment file', async () => {
    await writeFile(join(folder, 'deployment.json'), '{}')
    expect(await run(['generate', ...registry(), '--out', folder])).to.equal(1)
    expect(err.join()).to.match(/ERR_CHAIN_DEPLOYMENT_INVALID/)
  })
})
