import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { importSPKI, jwtVerify } from 'jose'
import { computeAddress } from 'ethers'
import { parsePermissions } from '../../../chain/permissioning/files.ts'
import { decodeExtraData } from '../../../chain/permissioning/genesis.ts'
import { besuCommands } from '../../../scripts/besu/commands.ts'
import { writeAllowLists } from '../../../scripts/besu/network-folder.ts'
import { readNetwork } from '../../../scripts/besu/network-file.ts'
import { replaceFile } from '../../../scripts/lib/atomic-file.ts'
import { runCommandLine } from '../../../scripts/lib/command-line.ts'
import { addressOf } from '../../chain/permissioning/networks.ts'
import { FakeBesuNode } from '../../fakes/besu-node.ts'

const example = readFileSync(new URL('../../../deploy/besu/network.example.yaml', import.meta.url), 'utf8')

describe('symbolon besu', () => {
  let folder: string
  let out: string[]
  let err: string[]
  const at = (...parts: string[]): string => join(folder, ...parts)
  const read = (...parts: string[]): string => readFileSync(at(...parts), 'utf8')

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'symbolon-besu-'))
    writeFileSync(at('network.yaml'), example)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  async function run(...args: string[]): Promise<number> {
    out = []
    err = []
    return await runCommandLine('symbolon', [besuCommands], ['besu', ...args], {
      print: (line) => out.push(line), complain: (line) => err.push(line), stopped: AbortSignal.abort()
    })
  }
  const keys = (...more: string[]) => run('keys', '--network', at('network.yaml'), '--out', at('keys'), ...more)
  const generate = (...more: string[]) => run('generate', '--network', at('network.yaml'), '--out', at('out'), '--founding', ...more)

  describe('keys', () => {
    it('are made for every node, for their owner alone, in the form Besu reads', async () => {
      expect(await keys()).to.equal(0)
      const nodes = readNetwork(at('network.yaml')).nodes
      expect(readdirSync(at('keys')).sort()).to.deep.equal(nodes.map((node) => `${node.name}.key`).sort())
      for (const node of nodes) {
        const file = at('keys', `${node.name}.key`)
        if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).to.equal(0o600)
        expect(readFileSync(file, 'utf8')).to.match(/^0x[0-9a-f]{64}\n$/)
        expect(computeAddress(readFileSync(file, 'utf8').trim())).to.equal(node.address)
      }
    })

    it('are kept when there are any, and the network file keeps its comments', async () => {
      await keys()
      const network = read('network.yaml')
      const key = read('keys', 'validator-0.key')
      expect(await keys()).to.equal(0)
      expect(read('network.yaml')).to.equal(network)
      expect(read('keys', 'validator-0.key')).to.equal(key)
      const comments = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('#'))
      expect(comments(network)).to.deep.equal(comments(example))
    })

    it('are made for one city’s nodes where the others’ public keys are in the file already', async () => {
      await keys()
      rmSync(at('keys', 'validator-0.key'))
      expect(await keys()).to.equal(0)
      expect(out.join('\n')).to.match(/validator-0 +key kept by another city/)
      expect(readdirSync(at('keys'))).not.to.include('validator-0.key')
    })

    it('are refused when they are not those of the network file, damaged, or open to others', async () => {
      await keys()
      const file = at('keys', 'validator-0.key')
      writeFileSync(file, read('keys', 'validator-1.key'))
      expect(await keys()).to.equal(1)
      expect(err.join()).to.match(/is not the one that the network file has for validator-0/)
      writeFileSync(file, `0x${'00'.repeat(32)}\n`)
      expect(await keys()).to.equal(1)
      expect(err.join()).to.match(/is damaged/)
      if (process.platform === 'win32') return
      chmodSync(file, 0o640)
      expect(await keys()).to.equal(1)
      expect(err.join()).to.match(/can be read by others/)
    })

    it('name the folder that cannot be made, without a stack', async () => {
      expect(await run('keys', '--network', at('network.yaml'), '--out', at('network.yaml', 'keys'))).to.equal(1)
      expect(err.join()).to.match(/^\S*(ENOTDIR|EEXIST): .*network\.yaml/).and.not.match(/\n {4}at /)
    })

    it('are not made for a node that is not there', async () => {
      expect(await keys('--only', 'validator-9')).to.equal(1)
      expect(err.join()).to.match(/no node validator-9/)
    })
  })

  describe('generate', () => {
    it('writes first block, configurations, lists and folders', async () => {
      await keys()
      expect(await generate(), err.join()).to.equal(0)
      const network = readNetwork(at('network.yaml'))
      const genesis = JSON.parse(read('out', 'network', 'genesis.json')) as { extraData: string }
      expect(decodeExtraData(genesis.extraData).validators).to.have.members(network.nodes.filter((node) => node.founding).map((node) => node.address))
      const enodes = network.nodes.map((node) => node.enode).sort()
      expect(parsePermissions(read('out', 'permissions', 'permissions_config.toml'))?.enodes.toSorted()).to.deep.equal(enodes)
      expect((JSON.parse(read('out', 'permissions', 'static-nodes.json')) as string[]).sort()).to.deep.equal(enodes)
      expect(readdirSync(at('out', 'config')).sort()).to.deep.equal(network.nodes.map((node) => `${node.name}.toml`).sort())
      expect(out.join('\n')).to.match(/no account may send, so nobody can deploy the contracts/)
      expect(readdirSync(at('out', 'data')).sort()).to.deep.equal(network.nodes.map((node) => node.name).sort())
    })

    it('writes the same again, and nothing when there is nothing new', async () => {
      await keys()
      await generate()
      const before = new Date(2020, 1, 1)
      utimesSync(at('out', 'network', 'genesis.json'), before, before)
      expect(await generate()).to.equal(0)
      expect(out).to.include('Everything was up to date.')
      expect(statSync(at('out', 'network', 'genesis.json')).mtime).to.deep.equal(before)
    })

    it('leaves no draft behind', async () => {
      await keys()
      await generate()
      const drafts = readdirSync(at('out'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('draft'))
      expect(drafts).to.deep.equal([])
    })

    it('never replaces a first block by another', async () => {
      await keys()
      await generate()
      const genesis = read('out', 'network', 'genesis.json')
      writeFileSync(at('network.yaml'), read('network.yaml').replace(/blockPeriodSeconds: \d+/, 'blockPeriodSeconds: 7'))
      expect(await generate()).to.equal(1)
      expect(err.join()).to.match(/a chain keeps its first block for ever/)
      expect(read('out', 'network', 'genesis.json')).to.equal(genesis)
    })

    it('asks for keys first', async () => {
      expect(await generate()).to.equal(1)
      expect(err.join()).to.match(/has no public key: make its key with "symbolon besu keys".*ERR_PERMISSIONING_NETWORK_INVALID/)
    })

    it('wants to be told whether there is a registry', async () => {
      await keys()
      expect(await run('generate', '--network', at('network.yaml'), '--out', at('out'))).to.equal(1)
      expect(err.join()).to.match(/--deployment and --rpc.*or --founding/)
      expect(await generate('--deployment', 'x', '--rpc', 'y')).to.equal(1)
      expect(await run('generate', '--network', at('network.yaml'), '--out', at('out'), '--rpc', 'y')).to.equal(1)
      expect(err.join()).to.match(/belong together/)
    })

    it('says where a network file is missing or is no YAML', async () => {
      expect(await run('generate', '--network', at('none.yaml'), '--out', at('out'), '--founding')).to.equal(1)
      expect(err.join()).to.match(/no network file .*network.example.yaml/)
      writeFileSync(at('network.yaml'), 'version: 1\nversion: 2\n')
      expect(await generate()).to.equal(1)
      expect(err.join()).to.match(/is no YAML: Map keys must be unique/)
    })
  })

  it('lists the nodes with their parts, for people and for scripts', async () => {
    await keys()
    expect(await run('nodes', '--network', at('network.yaml'))).to.equal(0)
    expect(out.map((line) => line.split('\t').slice(0, 4))).to.deep.include(['porto', 'member', 'PTOPO', '172.28.74.20']).and.have.length(6)
  })

  it('replaces lists in an order in which no static node is ever not allowed', async () => {
    await keys()
    const { nodes } = readNetwork(at('network.yaml'))
    writeAllowLists(at('lists'), { nodes: nodes.slice(0, 4), accounts: [addressOf(1)] })
    let steps = 0
    writeAllowLists(at('lists'), { nodes: nodes.slice(2), accounts: [addressOf(1)] }, (file, content) => {
      const isReplaced = replaceFile(file, content)
      steps += 1
      // What a node finds that starts at this moment.
      const staticNodes = JSON.parse(read('lists', 'static-nodes.json')) as string[]
      expect(parsePermissions(read('lists', 'permissions_config.toml'))?.enodes, `after step ${steps}`).to.include.members(staticNodes)
      return isReplaced
    })
    expect(JSON.parse(read('lists', 'static-nodes.json'))).to.deep.equal(nodes.slice(2).map((node) => node.enode))
  })

  describe('token', () => {
    it('is one that Besu takes for the methods given, for the time given', async () => {
      expect(await run('token-key', '--out', at('rpc'))).to.equal(0)
      expect(await run('token', '--key', at('rpc', 'jwt.key.pem'), '--allow', 'perm:*', '--allow', 'qbft:proposeValidatorVote', '--hours', '2')).to.equal(0)
      const { payload, protectedHeader } = await jwtVerify(out.join(''), await importSPKI(read('rpc', 'jwt.pub.pem'), 'ES256'))
      expect(protectedHeader.alg).to.equal('ES256')
      expect(payload['permissions']).to.deep.equal(['perm:*', 'qbft:proposeValidatorVote'])
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).to.equal(7_200)
      if (process.platform !== 'win32') expect(statSync(at('rpc', 'jwt.key.pem')).mode & 0o777).to.equal(0o600)
    })

    it('keeps its key once there is one', async () => {
      await run('token-key', '--out', at('rpc'))
      const key = read('rpc', 'jwt.key.pem')
      expect(await run('token-key', '--out', at('rpc'))).to.equal(0)
      expect(read('rpc', 'jwt.key.pem')).to.equal(key)
    })

    it('is refused without a key, or for something that is no method', async () => {
      expect(await run('token', '--key', at('rpc', 'jwt.key.pem'), '--allow', 'perm:*')).to.equal(1)
      expect(err.join()).to.match(/make one with "symbolon besu token-key"/)
      expect(await run('token', '--key', at('rpc', 'jwt.key.pem'), '--allow', 'perm_*')).to.equal(1)
      expect(err.join()).to.match(/such as perm:\*/)
    })
  })

  describe('validators', () => {
    let besu: FakeBesuNode

    beforeEach(async () => {
      await keys()
      await generate()
      besu = await new FakeBesuNode(at('out', 'permissions', 'permissions_config.toml')).start()
      besu.validators = readNetwork(at('network.yaml')).nodes.filter((node) => node.founding).map((node) => node.address)
    })
    afterEach(() => besu.stop())

    const onNode = (command: string, ...more: string[]) => run(command, '--network', at('network.yaml'), '--node', `validator-0=${besu.rpcUrl}`, ...more)

    it('are listed with their names, and how many may fail', async () => {
      besu.proposals.set(besu.validators[1] ?? '', false)
      expect(await onNode('validators'), err.join()).to.equal(0)
      expect(out.join('\n')).to.match(/validator-0 \(PTOPO\)[\s\S]*4 validators; 3 are needed for a block, so 1 may fail[\s\S]*proposes to remove validator-1/)
    })

    it('are added by the name of a node that the federation made one', async () => {
      expect(await onNode('add-validator', '--validator', 'porto')).to.equal(1)
      expect(err.join()).to.match(/has the role "member" in the network file/)
      writeFileSync(at('network.yaml'), read('network.yaml').replace(/(name: porto\n[\s\S]*?role: )member/, '$1validator'))
      expect(await onNode('add-validator', '--validator', 'porto', '--wait', '0'), err.join()).to.equal(0)
      expect([...besu.proposals.values()]).to.deep.equal([true])
      expect(out.at(-1)).to.match(/Not decided yet/)
    })

    it('are not added before they may connect', async () => {
      const text = read('network.yaml').replace(/(name: porto\n[\s\S]*?role: )member/, '$1validator')
      writeFileSync(at('network.yaml'), text)
      const { nodes } = readNetwork(at('network.yaml'))
      writeAllowLists(at('out', 'permissions'), { nodes: nodes.filter((node) => node.name !== 'porto'), accounts: [addressOf(1)] })
      await besu.stop()
      await besu.start()
      expect(await onNode('add-validator', '--validator', 'porto', '--wait', '0')).to.equal(1)
      expect(err.join()).to.match(/does not let porto connect.*ERR_PERMISSIONING_NODE_UNSUITABLE/)
      expect(besu.proposals.size).to.equal(0)
    })

    it('are not removed below four without saying so', async () => {
      expect(await onNode('remove-validator', '--validator', 'validator-3', '--wait', '0')).to.equal(1)
      expect(err.join()).to.match(/3 validators would be left.*--below-four.*ERR_PERMISSIONING_LOCKOUT/)
      expect(await onNode('remove-validator', '--validator', 'validator-3', '--wait', '0', '--below-four'), err.join()).to.equal(0)
      expect([...besu.proposals.values()]).to.deep.equal([false])
    })

    it('are removed by their account when the network file knows them no more', async () => {
      besu.validators = [...besu.validators, addressOf(99)]
      expect(await onNode('remove-validator', '--address', addressOf(99).toLowerCase(), '--wait', '0'), err.join()).to.equal(0)
      expect([...besu.proposals]).to.deep.equal([[addressOf(99).toLowerCase(), false]])
    })

    it('are checked, all at once, and named when they are not in order', async () => {
      const member = (...more: string[]) => onNode('check', '--node', `porto=${besu.rpcUrl}`, ...more)
      expect(await member('--wait', '20', '--version', '26.3.0'), err.join()).to.equal(0)
      expect(out.toSorted().join('\n')).to.match(/porto +block \d+, 5 peers, reads, besu\/v26\.3\.0[\s\S]*validator-0 +block \d+, 5 peers, made block \d+/)
      besu.isSyncing = true
      expect(await member('--wait', '1')).to.equal(1)
      expect(err.join()).to.match(/validator-0: it still catches up.*\n {2}porto: it still catches up.* \(ERR_PERMISSIONING_NODE_UNHEALTHY\)/)
    })

    it('are checked with what the network file knows only', async () => {
      expect(await onNode('check', '--node', `nobody=${besu.rpcUrl}`)).to.equal(1)
      expect(err.join()).to.match(/no node nobody in the network file: it has .*porto/)
    })

    it('say why they do not answer', async () => {
      await besu.stop()
      expect(await onNode('check', '--wait', '1')).to.equal(1)
      expect(err.join()).to.match(/validator-0 does not answer at http:\/\/127\.0\.0\.1:\d+: nobody listens there \(ECONNREFUSED\)/)
      expect(await onNode('validators', '--token-file', at('no.token'))).to.equal(1)
      expect(err.join()).to.match(/The token .*no\.token cannot be read: make one with "symbolon besu token"/)
    })

    it('have a key that may move once it is silent, which another node is asked for', async () => {
      const ask = (name: string) => run('silent', '--network', at('network.yaml'), '--validator', 'validator-0', '--node', `${name}=${besu.rpcUrl}`)
      expect(await ask('porto')).to.equal(1)
      expect(err.join()).to.match(/its key is in use.*ERR_PERMISSIONING_KEY_IN_USE/)
      besu.silent = [readNetwork(at('network.yaml')).nodes.find(({ name }) => name === 'validator-0')?.address ?? '']
      expect(await ask('porto'), err.join()).to.equal(0)
      expect(out.join()).to.match(/porto knows no block of validator-0 among the last 40/)
      expect(await ask('validator-0')).to.equal(1)
      expect(err.join()).to.match(/names another node than validator-0/)
    })

    it('ask for one of the two ways to name one, and for addresses that are some', async () => {
      expect(await onNode('remove-validator')).to.equal(1)
      expect(await onNode('remove-validator', '--address', '0x12')).to.equal(1)
      expect(await run('validators', '--network', at('network.yaml'), '--node', 'validator-0')).to.equal(1)
      expect(err.join()).to.match(/--node takes a name and an address/)
    })
  })
})
