import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parse } from 'smol-toml'
import { besuPaths, renderNodeConfig, renderPermissions } from '../../chain/permissioning/files.ts'
import { foundingAllowLists } from '../../chain/permissioning/allow-lists.ts'
import { fourValidators, network, nodeEntry } from '../chain/permissioning/networks.ts'
import { filesBelow, read } from './files.ts'

const known = JSON.parse(readFileSync(new URL('../vectors/besu-options.json', import.meta.url), 'utf8')) as { version: string; options: string[]; deprecated: string[] }

describe('a Besu node’s configuration file', () => {
  const byName = network()
  const configOf = (name: string, of = byName) => {
    const node = of.nodes.find((candidate) => candidate.name === name)
    if (!node) throw new Error('no such node')
    return parse(renderNodeConfig(of, node))
  }
  const withNames = network({ nodes: [nodeEntry(1, 'PTOPO', { host: 'validator-0.validators.chain.svc' })] })

  for (const [what, config] of [['a validator', configOf('node-1')], ['a member', configOf('node-5')], ['a node known by a name', configOf('node-1', withNames)]] as const) {
    it(`of ${what} holds only options that Besu ${known.version} knows and does not intend to drop`, () => {
      const options = new Set(known.options)
      expect(Object.keys(config).filter((option) => !options.has(option) || known.deprecated.includes(option))).to.deep.equal([])
    })
    it(`of ${what} holds no table: Besu reads options at the top level`, () => {
      const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)
      for (const value of Object.values(config)) expect(isPlain(value) || (Array.isArray(value) && value.every(isPlain)), JSON.stringify(value)).to.equal(true)
    })
    it(`of ${what} wants TLS and tokens, both allow-lists, and no price`, () => {
      expect(config).to.deep.include({
        'rpc-http-tls-enabled': true, 'rpc-http-authentication-enabled': true, 'rpc-http-authentication-jwt-algorithm': 'ES256',
        'permissions-nodes-config-file-enabled': true, 'permissions-accounts-config-file-enabled': true,
        'permissions-nodes-config-file': `${besuPaths.permissions}/permissions_config.toml`, 'permissions-accounts-config-file': `${besuPaths.permissions}/permissions_config.toml`,
        'static-nodes-file': `${besuPaths.permissions}/static-nodes.json`, 'min-gas-price': 0, 'discovery-enabled': false
      })
      // Besu refuses to start with it on a chain without a base fee.
      expect(config).not.to.have.property('tx-pool-price-bump')
      expect(config['host-allowlist']).not.to.include('*')
    })
    it(`of ${what} asks for the groups that the watcher and votes need`, () => {
      expect(config['rpc-http-api']).to.include.members(['ETH', 'QBFT', 'PERM'])
    })
  }

  it('of a validator answers nobody without a token', () => {
    expect(configOf('node-1')).not.to.have.property('rpc-http-api-methods-no-auth')
  })

  it('of a member lets the city’s service read and send without one, and nothing else', () => {
    const open = configOf('node-5')['rpc-http-api-methods-no-auth'] as string[]
    expect(open).to.include.members(['eth_chainId', 'eth_getLogs', 'eth_call', 'eth_sendRawTransaction', 'eth_getTransactionReceipt'])
    expect(open.filter((method) => !/^(eth|net|web3)_/.test(method))).to.deep.equal([])
  })

  it('of a member opens every method that our own services call', () => {
    const open = configOf('node-5')['rpc-http-api-methods-no-auth'] as string[]
    // The commands of whoever runs nodes bring a token.
    const sources = filesBelow('chain').filter((path) => !/^chain\/(abi|permissioning)\//.test(path) && path !== 'chain/embedded.ts')
    const called = new Set(sources.flatMap((source) => [...read(source).matchAll(/'((?:eth|net|web3)_\w+)'/g)].map(([, method = '']) => method)))
    expect([...called].filter((method) => !open.includes(method))).to.deep.equal([])
    expect(called.size).to.be.greaterThan(6)
  })

  it('of a node known by a name has Besu ask the DNS again and again, and answer to every form of the name', () => {
    const config = configOf('node-1', withNames)
    expect(config).to.deep.include({ 'Xdns-enabled': true, 'Xdns-update-enabled': true })
    expect(config['host-allowlist']).to.include.members(['localhost', 'validator-0', 'validator-0.validators.chain.svc'])
    expect(config).not.to.have.property('p2p-host')
    expect(configOf('node-1')).to.deep.include({ 'p2p-host': '10.0.0.1' }).and.not.have.property('Xdns-enabled')
  })

  it('is the same for the same network', () => {
    const again = network({ nodes: fourValidators().nodes.toReversed() })
    expect(configOf('node-3', again)).to.deep.equal(configOf('node-3'))
  })

  it('goes with a permissions file of the two lists and nothing else', () => {
    expect(parse(renderPermissions(foundingAllowLists(byName)))).to.have.all.keys('accounts-allowlist', 'nodes-allowlist')
  })
})
