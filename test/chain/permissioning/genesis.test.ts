import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { decodeRlp, encodeRlp, getAddress } from 'ethers'
import { createGenesis, decodeExtraData, encodeExtraData, type QbftExtraData } from '../../../chain/permissioning/genesis.ts'
import { addressOf, expectCode, fourValidators, network, nodeEntry } from './networks.ts'

const { vectors } = JSON.parse(readFileSync(new URL('../../vectors/besu-qbft-extra-data.json', import.meta.url), 'utf8')) as {
  vectors: readonly (QbftExtraData & { title: string; source: string; encoded: string })[]
}

describe('extraData of a QBFT block', () => {
  for (const { title, encoded, vanity, validators, vote, round, seals } of vectors) {
    const data = { vanity, validators, ...(vote ? { vote } : {}), round, seals }
    it(`is encoded as Besu encodes it: ${title}`, () => {
      expect(encodeExtraData(data)).to.equal(encoded)
    })
    it(`is decoded as Besu decodes it: ${title}`, () => {
      const checksummed = { ...data, validators: data.validators.map((address) => getAddress(address)), ...(vote ? { vote: { ...vote, validator: getAddress(vote.validator) } } : {}) }
      expect(decodeExtraData(encoded)).to.deep.equal(checksummed)
    })
  }

  it('keeps a vote to remove', () => {
    const vote = { validator: addressOf(1), add: false }
    expect(decodeExtraData(encodeExtraData({ validators: [addressOf(2)], vote, round: 256 }))).to.deep.include({ vote, round: 256 })
  })

  const [whole = ''] = vectors.map(({ encoded }) => encoded)
  const [vanity, validators] = decodeRlp(whole) as [string, string[]]
  for (const [what, broken] of [
    ['that is cut off', whole.slice(0, -2)],
    ['with something behind it', `${whole}00`],
    ['of four parts', encodeRlp([vanity, validators, [], '0x'])],
    ['with short vanity data', encodeRlp(['0x00', validators, [], '0x', []])],
    ['with a validator of 19 bytes', encodeRlp([vanity, [`0x${'11'.repeat(19)}`], [], '0x', []])],
    ['with a round that begins with zero', encodeRlp([vanity, validators, [], '0x0001', []])],
    ['with a vote of another kind', encodeRlp([vanity, validators, [addressOf(1), '0x01'], '0x', []])],
    ['with a short seal', encodeRlp([vanity, validators, [], '0x', ['0x01']])]
  ] as const) {
    it(`is refused ${what}`, () => {
      expectCode(() => decodeExtraData(broken), 'ERR_PERMISSIONING_EXTRA_DATA_INVALID')
    })
  }
})

describe('the first block', () => {
  it('is of QBFT with the founding validators, free of charge, with Cancun from the beginning', () => {
    const genesis = createGenesis(network({ chain: { chainId: 7411, blockPeriodSeconds: 3, requestTimeoutSeconds: 6, epochLength: 10_000, gasLimit: 30_000_000 } }))
    expect(genesis.config).to.deep.include({
      chainId: 7411, londonBlock: 0, shanghaiTime: 0, cancunTime: 0, zeroBaseFee: true, contractSizeLimit: 24_576,
      qbft: { blockperiodseconds: 3, epochlength: 10_000, requesttimeoutseconds: 6 }
    })
    expect(genesis).to.deep.include({ gasLimit: '0x1c9c380', difficulty: '0x1', alloc: {}, mixHash: '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365' })
    const { validators, round, seals, vote } = decodeExtraData(genesis.extraData)
    expect(validators).to.have.members([1, 2, 3, 4].map(addressOf))
    expect({ round, seals, vote }).to.deep.equal({ round: 0, seals: [], vote: undefined })
  })

  it('names the validators in ascending order, whatever the order of the network file', () => {
    const { nodes } = fourValidators()
    expect(createGenesis(network({ nodes: nodes.toReversed() }))).to.deep.equal(createGenesis(network()))
    const { validators } = decodeExtraData(createGenesis(network()).extraData)
    expect(validators.map((address) => address.toLowerCase())).to.deep.equal(validators.map((address) => address.toLowerCase()).sort())
  })

  it('stays the same when nodes and validators come later', () => {
    const { nodes } = fourValidators()
    const later = [...nodes, nodeEntry(7, 'DEBER', { founding: false }), nodeEntry(8, 'DEBER', { founding: false, role: 'member' })]
    expect(createGenesis(network({ nodes: later }))).to.deep.equal(createGenesis(network()))
  })

  it('changes with a founding validator', () => {
    const { nodes } = fourValidators()
    expect(createGenesis(network({ nodes: [...nodes, nodeEntry(7, 'DEBER')] })).extraData).not.to.equal(createGenesis(network()).extraData)
  })
})
