import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { createCsv } from '../../../api/open-data/csv.ts'
import { encodeDelta } from '../../../agent/status/delta.ts'
import { createStatusBits, flipPositions } from '../../../agent/status/status-bits.ts'
import { compareRows } from '../../../scripts/lib/recompute/compare.ts'
import type { ChainEvent } from '../../../scripts/lib/recompute/events.ts'
import { figuresOf, toTime } from '../../../scripts/lib/recompute/figures.ts'
import { Ledger } from '../../../scripts/lib/recompute/ledger.ts'
import { parseRecomputeOptions } from '../../../scripts/lib/recompute/options.ts'
import { parseCsv } from '../../../scripts/lib/recompute/parse-csv.ts'
import { RecomputeError } from '../../../scripts/lib/recompute/recompute-error.ts'
import { followUpdate, digestOf } from '../../../scripts/lib/recompute/status-bits.ts'

const bytes32 = (digit: string): string => `0x${digit.repeat(64)}`
const account = (digit: string): string => `0x${digit.repeat(40)}`
const porto = '0x50544f504f'
const clermont = '0x4652434645'

let next = 0
const event = (name: string, args: Record<string, unknown>, transaction?: string): ChainEvent => {
  next += 1
  return { name, address: account('c'), args, block: next, logIndex: 0, transaction: transaction ?? `0x${next}` }
}
const count = (events: readonly ChainEvent[], timeSeconds: number) => {
  const ledger = new Ledger()
  for (const [i, one] of events.entries()) ledger.apply(one, i + 1)
  return figuresOf(ledger, { block: { number: 100, hash: '', timeSeconds }, timeOf: () => 0 })
}
const admitted = (city: string, controller: string) => [
  event('CityRegistry.CityAdmitted', { city, name: 'n', did: 'd', controller, recovery: account('9'), serviceUrl: 'u' }),
  event('CityRegistry.CityActivated', { city, agreementHash: bytes32('1'), dpiaHash: bytes32('2') }),
]

describe('counting again', () => {
  it('finds points by their movements: minted, in escrow, held, burnt', () => {
    const program = bytes32('a')
    const move = (from: string, to: string, value: bigint) => event('RewardToken.TransferSingle', { from, to, id: BigInt(program), value })
    const [escrow, merchant, nobody] = [account('e'), account('d'), account('0')]
    const [row] = count([
      event('Directory.EntryChanged', { name: `0x${Buffer.from('RewardPrograms').toString('hex').padEnd(64, '0')}`, target: escrow, codeHash: bytes32('c') }),
      event('RewardPrograms.ProgramCreated', { program, city: porto, name: 'p', sponsor: merchant, from: 1n, until: 2n ** 64n - 1n }),
      move(nobody, escrow, 2n ** 200n), move(escrow, merchant, 70n), move(merchant, nobody, 30n),
    ], 50).get('programs') ?? []
    expect(row).to.include({ funded: String(2n ** 200n), in_escrow: String(2n ** 200n - 70n), held: '40', burnt: '30', valid_until: '9999-12-31T23:59:59Z' })
  })

  it('lets a suspension end by itself after its last second', () => {
    const events = [...admitted(porto, account('b')), event('CityRegistry.CitySuspended', { city: porto, reason: 3n, until: 60n })]
    const statusAt = (seconds: number) => count(events, seconds).get('members')?.[0]?.['status']
    expect([statusAt(60), statusAt(61)]).to.deep.equal(['suspended', 'active'])
  })

  it('rounds a quorum up, counts abstentions into it, and wants more for than against', () => {
    const proposalId = 7n
    const vote = (voter: string, support: bigint) => event('Federation.VoteCast', { voter, proposalId, support, weight: 1n, reason: '' })
    const stateWith = (...votes: ChainEvent[]) => count([
      event('Federation.QuorumNumeratorUpdated', { newQuorumNumerator: 50n }),
      ...admitted(porto, account('b')), ...admitted(clermont, account('c')), ...admitted('0x4445424552', account('d')),
      event('Federation.ProposalCreated', { proposalId, proposer: account('b'), targets: [], calldatas: [], voteStart: 20n, voteEnd: 30n, description: 'd' }),
      ...votes,
    ], 40).get('proposals')?.[0]
    expect(stateWith(vote(account('b'), 1n))).to.include({ seats: 3, quorum: 2, state: 'defeated', city: 'PTOPO' })
    expect(stateWith(vote(account('b'), 1n), vote(account('c'), 2n))?.['state']).to.equal('succeeded')
    expect(stateWith(vote(account('b'), 1n), vote(account('c'), 0n))?.['state']).to.equal('defeated')
  })

  it('attributes what a proposal did by the operation of the timelock, not by what else is in the transaction', () => {
    const events = [
      event('Federation.ProposalCreated', { proposalId: 7n, proposer: account('b'), targets: [], calldatas: [], voteStart: 1n, voteEnd: 2n, description: '' }),
      event('Timelock.CallScheduled', { id: bytes32('5') }, '0xq'), event('Federation.ProposalQueued', { proposalId: 7n, etaSeconds: 5n }, '0xq'),
      event('CityRegistry.CityAdmitted', { city: porto, name: 'n', did: 'd', controller: account('b'), recovery: account('9'), serviceUrl: 'u' }, '0xe'),
      event('Timelock.CallExecuted', { id: bytes32('5') }, '0xe'),
      event('CityRegistry.CityActivated', { city: porto, agreementHash: bytes32('1'), dpiaHash: bytes32('2') }, '0xe'),
    ]
    expect(count(events, 50).get('members')?.[0]).to.include({ admitted_by: '7', activated_by: null })
  })

  it('keeps nets at zero in sum, settled or not', () => {
    const request = (debtor: string, payer: string, units: bigint) =>
      event('Settlement.SettlementRequested', { ref: bytes32(String(units)), program: bytes32('a'), debtor, payer, merchant: account('d'), units })
    const figures = count([
      ...admitted(porto, account('b')), ...admitted(clermont, account('c')), request(porto, clermont, 7n), request(clermont, porto, 2n), request(porto, porto, 9n),
      event('Settlement.NetSettled', { debtor: porto, creditor: clermont, units: 4n, bankReferenceHash: bytes32('f') }),
    ], 50)
    expect(figures.get('nets')?.map((row) => row['net'])).to.deep.equal(['1', '-1'])
    expect(figures.get('debts')?.map((row) => row['owed'])).to.deep.equal(['2', '3'])
  })

  it('writes times in whole seconds, and those without end as the last of year 9999', () => {
    expect([toTime(0), toTime(2n ** 64n - 1n)]).to.deep.equal(['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])
  })
})

describe('a rebuilt status list', () => {
  const list = (size = 2 ** 12) => {
    const bits = new Uint8Array(size / 4)
    return {
      id: '', block: 0, city: '', uri: '', size, createdBlock: 0, homes: new Map([[account('c'), { bits, epoch: 0 }]]), bits, epoch: 0,
      digest: undefined, publishedBlock: 0, isReadable: true,
    }
  }
  const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

  it('has the bits its city wrote, update after update', () => {
    const [bits, rebuilt] = [createStatusBits(2 ** 12), list()]
    for (const [i, positions] of [[0, 1, 77, 8_191], [], [77, 4_000], Array.from({ length: 900 }, (_, n) => n * 9)].entries()) {
      flipPositions(bits, positions)
      followUpdate(rebuilt, account('c'), { epoch: i + 1, digest: '', delta: hex(encodeDelta(positions)) })
    }
    expect(digestOf(rebuilt)).to.equal(`0x${createHash('sha256').update(bits).digest('hex')}`)
    expect(rebuilt.isReadable).to.equal(true)
  })

  it('stays as it was when an update cannot be read', () => {
    for (const bad of ['0x', '0x19', '0x0001', `${hex(encodeDelta([5]))}00`, hex(encodeDelta([8_192])), '0x00ff']) {
      const rebuilt = list()
      followUpdate(rebuilt, account('c'), { epoch: 1, digest: '', delta: bad })
      expect([rebuilt.isReadable, rebuilt.bits.some((byte) => byte !== 0)], bad).to.deep.equal([false, false])
    }
  })

  it('is what counted: an update that did not flips nothing, and the next one says all that is missing', () => {
    const [bits, rebuilt] = [createStatusBits(2 ** 12), list()]
    const publish = (contract: string, epoch: number, positions: readonly number[]) =>
      followUpdate(rebuilt, contract, { epoch, digest: `0x${createHash('sha256').update(bits).digest('hex')}`, delta: hex(encodeDelta(positions)) })
    flipPositions(bits, [2])
    publish(account('c'), 1, [2])
    flipPositions(bits, [4, 6])
    expect(publish(account('c'), 3, [4, 6])).to.equal(true)
    expect(rebuilt.bits).to.deep.equal(bits)
    // Opened in another contract before its time: only an update that says the whole list is one of this list.
    expect(publish(account('d'), 7, [9])).to.equal(false)
    expect(publish(account('d'), 8, [2, 4, 6])).to.equal(true)
    expect([rebuilt.epoch, rebuilt.isReadable]).to.deep.equal([8, true])
    expect(rebuilt.bits).to.deep.equal(bits)
  })
})

describe('parseCsv', () => {
  it('reads back what is published, quotes, commas, lines and empty cells included', () => {
    const columns = ['a', 'b'].map((name) => ({ name, kind: 'code' as const, description: '' }))
    const rows = [{ a: 'x,"y"\r\nz', b: null }, { a: null, b: null }, { a: '"', b: 'end' }]
    expect(parseCsv(createCsv(columns, rows))).to.deep.equal([['a', 'b'], ['x,"y"\r\nz', ''], ['', ''], ['"', 'end']])
  })
})

describe('compareRows', () => {
  const compare = (counted: Record<string, string | null>[], published: Record<string, unknown>[], isText = false) =>
    compareRows({ where: 't', key: ['id'], counted, published, isText, isOrdered: true }).differences

  it('names cell, row and order, and knows an apostrophe for what it is', () => {
    expect(compare([{ id: '1', v: 'a' }], [{ id: '1', v: 'b' }])).to.deep.equal(['t, 1, v: published "b", counted "a"'])
    expect(compare([{ id: '1', v: 'a' }], [{ id: '1', v: 'a', w: 1 }])).to.deep.equal(['t, 1, w: published 1, counted no such column'])
    expect(compare([{ id: '1' }, { id: '2' }], [{ id: '2' }, { id: '1' }])).to.deep.equal(['t: the rows stand in another order'])
    expect(compare([{ id: '1', v: '=x' }, { id: '2', v: null }], [{ id: '1', v: '\'=x' }, { id: '2', v: '' }], true)).to.deep.equal([])
    expect(compare([{ id: '1', v: 'x' }], [{ id: '1', v: '\'x' }], true)).to.have.length(1)
  })
})

describe('parseRecomputeOptions', () => {
  const good = ['--rpc', 'http://localhost:8545', '--directory', `0x${'ab'.repeat(20)}`, '--service', 'https://card.example/']
  const refusal = (args: readonly string[]): string => {
    try {
      parseRecomputeOptions(args)
      return 'nothing'
    } catch (error) {
      if (error instanceof RecomputeError) return error.message.split('\n', 1)[0] ?? ''
      throw error
    }
  }

  it('reads the three it needs, and how much to read at once', () => {
    expect(parseRecomputeOptions([...good, '--block', '7', '--chunk', '50'])).to.include({ serviceUrl: 'https://card.example', block: 7, chunkBlocks: 50, fromBlock: 0 })
    expect(parseRecomputeOptions(['--help']).help).to.equal(true)
  })

  it('refuses in one sentence what it cannot use', () => {
    expect(refusal([])).to.equal('--rpc is missing.')
    expect(refusal(['--rpc', 'ftp://x', ...good.slice(2)])).to.equal('--rpc takes an http or https address, not "ftp://x".')
    expect(refusal([...good.slice(0, 2), '--directory', '0x12', ...good.slice(4)])).to.equal('--directory takes an address of 0x and 40 hexadecimal digits, not "0x12".')
    expect(refusal([...good, '--chunk', '0'])).to.equal('--chunk takes a whole number from 1, not "0".')
    expect(refusal([...good, '--sure'])).to.contain('--sure')
  })
})
