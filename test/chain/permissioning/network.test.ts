import { expect } from 'chai'
import { SigningKey } from 'ethers'
import { parseNetwork, usesHostNames } from '../../../chain/permissioning/network.ts'
import { fourValidators, expectCode, network, nodeEntry } from './networks.ts'

describe('the federation’s network file', () => {
  it('derives a validator’s account and enode URL from its public key', () => {
    // Key and account from the alloc of https://besu.hyperledger.org/private-networks/tutorials/qbft#2-create-a-configuration-file
    const publicKey = `0x${new SigningKey('0x8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63').publicKey.slice(4)}`
    const [node] = network({ nodes: [nodeEntry(1, 'PTOPO', { publicKey, host: '192.0.2.7', port: 30_304 })] }).nodes
    expect(node?.address).to.equal('0xFE3B557E8Fb62b89F4916B721be55cEb828dBd73')
    expect(node?.enode).to.equal(`enode://${publicKey.slice(2)}@192.0.2.7:30304`)
  })

  it('has sensible values where it says nothing', () => {
    const { chain, nodes } = network()
    expect(chain).to.deep.equal({ chainId: 7411, blockPeriodSeconds: 2, requestTimeoutSeconds: 4, epochLength: 30_000, gasLimit: 30_000_000, contractSizeLimit: 24_576 })
    expect(nodes[0]?.port).to.equal(30_303)
  })

  it('knows whether Besu has to ask the DNS', () => {
    expect(usesHostNames(network())).to.equal(false)
    expect(usesHostNames(network({ nodes: [nodeEntry(1, 'PTOPO', { host: 'node.porto.example' })] }))).to.equal(true)
  })

  const { nodes } = fourValidators()
  for (const [what, change, sentence] of [
    ['two nodes of one key', { nodes: [...nodes, { ...nodeEntry(1, 'PTOPO'), name: 'other', host: '10.0.0.99' }] }, /node-1 and other have the same key/],
    ['two nodes of one name', { nodes: [...nodes, nodeEntry(9, 'PTOPO', { name: 'node-1' })] }, /same name/],
    ['two nodes of one address', { nodes: [...nodes, nodeEntry(9, 'PTOPO', { host: '10.0.0.1' })] }, /same host and port/],
    ['a node without a key', { nodes: [nodeEntry(1, 'PTOPO', { publicKey: undefined })] }, /no public key: make its key/],
    ['a key that is no point of the curve', { nodes: [nodeEntry(1, 'PTOPO', { publicKey: `0x${'11'.repeat(64)}` })] }, /not a point/],
    ['no founding validator', { nodes: [nodeEntry(1, 'PTOPO', { founding: false })] }, /no validator is founding/],
    ['a founding node that is no validator', { nodes: [...nodes, nodeEntry(9, 'PTOPO', { role: 'member' })] }, /founding but no validator/],
    ['a misspelt option', { chain: { chainId: 1, blockPeriod: 2 } }, /blockPeriod/],
    ['an address with a typing error in a host', { nodes: [nodeEntry(1, 'PTOPO', { host: '10.0.0.256' })] }, /not an IPv4 address or a host name/],
    ['a city by its name', { nodes: [nodeEntry(1, 'Porto')] }, /not a UN\/LOCODE/]
  ] as const) {
    it(`is refused with ${what}, saying so`, () => {
      const error = expectCode(() => parseNetwork(fourValidators(change)), 'ERR_PERMISSIONING_NETWORK_INVALID')
      expect(error.message).to.match(sentence)
    })
  }
})
