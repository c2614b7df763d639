import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { hexlify, id, solidityPackedKeccak256, ZeroHash, type Signer } from 'ethers'
import {
  call, clermont, createFederation, createNote, createNoteKey, createProgram, porto, random32,
  type AnyContract, type Federation, type NoteKey, type Redemption,
} from './federation.ts'

const snapshotFile = join(import.meta.dirname, '..', '..', 'snapshots', 'gas.json')
const update = process.env.UPDATE_GAS_SNAPSHOT === '1'

/** Random keys and signatures have zero bytes here and there, which cost less: what a figure may differ by. */
const tolerance = 0.005

describe('Gas, under cancun rules and with calldata', () => {
  const measured: Record<string, number> = {}
  let federation: Federation
  let keys: Map<number, NoteKey>
  let program: string
  let redemption: Redemption

  before(async () => {
    federation = await createFederation()
    keys = new Map(Array.from({ length: 11 }, (_, power) => [2 ** power, createNoteKey()]))
    const created = await createProgram(federation, keys)
    program = created.program
    redemption = { program, merchant: await federation.merchant.getAddress(), order: random32(), deadline: created.until }
    measured['RewardPrograms.create with 11 denominations'] = Number(created.created.gasUsed)
  })

  const redeem = async (values: number[]): Promise<number> => {
    const notes = []
    for (const value of values) notes.push((await createNote(federation, keys.get(value) as NoteKey, value, redemption)).note)
    const { merchant, order, deadline } = redemption
    return Number((await call(federation.programs, federation.stranger, 'redeem', [program, merchant, order, deadline, notes])).gasUsed)
  }

  it('is at most 55,000 a note when ten notes of one value are redeemed together', async () => {
    await redeem([1])
    measured['RewardPrograms.redeem, each of 10 notes of one value'] = await redeem(Array(10).fill(1)) / 10
    expect(measured['RewardPrograms.redeem, each of 10 notes of one value']).to.be.at.most(55_000)
  })

  it('is at most 55,000 a note when ten notes of ten values are redeemed together', async () => {
    measured['RewardPrograms.redeem, each of 10 notes of 10 values'] = await redeem([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) / 10
    expect(measured['RewardPrograms.redeem, each of 10 notes of 10 values']).to.be.at.most(55_000)
  })

  it('is at most 55,000 a note when a merchant receives its first ten notes', async () => {
    const { merchant } = redemption
    const first = await federation.sponsor.getAddress()
    await call(federation.programs, federation.portoController, 'registerMerchant', [porto, first])
    redemption = { ...redemption, merchant: first }
    measured['RewardPrograms.redeem, each of the first 10 notes of a merchant'] = await redeem(Array(10).fill(2)) / 10
    redemption = { ...redemption, merchant }
    expect(measured['RewardPrograms.redeem, each of the first 10 notes of a merchant']).to.be.at.most(55_000)
  })

  it('stays as low for a hundred notes as for ten', async () => {
    measured['RewardPrograms.redeem, each of 100 notes of one value'] = await redeem(Array(100).fill(4)) / 100
    const ten = measured['RewardPrograms.redeem, each of 10 notes of one value'] ?? 0
    expect(measured['RewardPrograms.redeem, each of 100 notes of one value']).to.be.at.most(ten)
  }).timeout(60_000)

  it('is measured for a single note too', async () => {
    measured['RewardPrograms.redeem, one note'] = await redeem([8])
    expect(measured['RewardPrograms.redeem, one note']).to.be.at.most(122_000)
  })

  it('is at most 40 for each of 10,000 indexes that a status epoch flips', async () => {
    const { statusLists, portoController } = federation
    const uri = 'https://porto.example/status/1'
    const created = await call(statusLists, portoController, 'create', [porto, uri, 2 ** 20])
    measured['StatusLists.create'] = Number(created.gasUsed)
    const publish = async (epoch: number, bytes: number) =>
      Number((await call(statusLists, portoController, 'publish', [solidityPackedKeccak256(['bytes5', 'string'], [porto, uri]), epoch, random32(), randomDelta(bytes)])).gasUsed)
    await publish(1, 100)
    measured['StatusLists.publish, each of 10,000 flips (11.6 kB)'] = await publish(2, 11_600) / 10_000
    measured['StatusLists.publish, a quiet epoch (100 B)'] = await publish(3, 100)
    expect(measured['StatusLists.publish, each of 10,000 flips (11.6 kB)']).to.be.at.most(40)
  })

  it('is measured for what cities and merchants do now and then', async () => {
    const { issuers, recognitions, anchors, settlement, programs, portoController, merchant } = federation
    const x = '0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
    const y = '0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'
    const vct = 'https://porto.example/vct/city-card'
    const later = 4_000_000_000
    const gas = async (promise: ReturnType<typeof call>) => Number((await promise).gasUsed)
    measured['IssuerRegistry.accredit'] = await gas(call(issuers, portoController, 'accredit', [porto, x, y, vct, 1, later]))
    measured['RecognitionRegistry.recognise'] = await gas(call(recognitions, portoController, 'recognise', [porto, clermont, vct, 7, later]))
    measured['Anchors.anchor, first'] = await gas(call(anchors, portoController, 'anchor', [porto, 0, 1, id('root')]))
    measured['Anchors.anchor, next'] = await gas(call(anchors, portoController, 'anchor', [porto, 0, 2, id('root 2')]))
    measured['RewardPrograms.fund'] = await gas(call(programs, portoController, 'fund', [program, 1000]))
    const ref = id('request')
    measured['Settlement.request'] = await gas(call(settlement, merchant, 'request', [program, 5, ref]))
    measured['Settlement.markPaid'] = await gas(call(settlement, portoController, 'markPaid', [ref, id('bank')]))
    expect(Object.values(measured).every((gasUsed) => gasUsed > 0)).to.equal(true)
  })

  it('is measured for what the cities decide together', async () => {
    const { ethers, cities, owner, portoController, clermontController, merchant, stranger } = federation
    const timelock = await ethers.deployContract('Timelock', [0, await owner.getAddress()]) as unknown as AnyContract
    const council = await ethers.deployContract('Federation', [cities, timelock, 10, 100, 50]) as unknown as AnyContract
    for (const proposer of [await council.getAddress(), await owner.getAddress()]) {
      await call(timelock, owner, 'grantRole', [id('PROPOSER_ROLE'), proposer])
    }
    await call(cities, owner, 'transferOwnership', [timelock])
    const acceptance = [cities, 0, cities.interface.encodeFunctionData('acceptOwnership'), ZeroHash, ZeroHash]
    await call(timelock, owner, 'schedule', [...acceptance, 0])
    await call(timelock, stranger, 'execute', acceptance)

    const pass = async (seconds: number): Promise<void> => { await ethers.provider.send('evm_increaseTime', [seconds]) }
    const decide = async (title: string, method: string, args: unknown[]): Promise<void> => {
      const description = `We propose to ${title}.`
      const actions = [[await cities.getAddress()], [0], [cities.interface.encodeFunctionData(method, args)]]
      const measure = async (step: string, from: Signer, name: string, given: unknown[]): Promise<void> => {
        const { gasUsed } = await call(council, from, name, given)
        // Votes cost the same whatever they are about.
        measured[`Federation.${name}, ${step}`] ??= Number(gasUsed)
      }
      await measure(`to ${title}`, portoController, 'propose', [...actions, description])
      const proposal: unknown = await council.getFunction('hashProposal').staticCall(...actions, id(description))
      await pass(11)
      await measure('first vote', portoController, 'castVoteWithReason', [proposal, 1, 'We know their work.'])
      await measure('next vote', clermontController, 'castVoteWithReason', [proposal, 1, 'We know their work.'])
      await pass(101)
      await measure('one action', stranger, 'queue', [...actions, id(description)])
      await measure(`to ${title}`, stranger, 'execute', [...actions, id(description)])
    }
    const city = hexlify(Buffer.from('DEBER'))
    await decide('admit a city', 'admit', [
      city, 'Berlin', 'did:web:berlin.example', await merchant.getAddress(), await stranger.getAddress(), 'https://berlin.example',
    ])
    await decide('activate a city', 'activate', [city, id('agreement'), id('assessment')])
    await decide('suspend a city', 'suspend', [city, 1, 4_000_000_000])
    await decide('reinstate a city', 'reinstate', [city])
    expect(await cities.getFunction('isActive').staticCall(city)).to.equal(true)
  })

  it('is what snapshots/gas.json says', function () {
    const rounded = Object.fromEntries(Object.entries(measured).map(([name, gas]) => [name, Math.round(gas * 10) / 10]))
    if (update) writeFileSync(snapshotFile, `${JSON.stringify(rounded, null, 2)}\n`)
    const snapshot = JSON.parse(readFileSync(snapshotFile, 'utf8')) as Record<string, number>
    expect(Object.keys(rounded).sort()).to.deep.equal(Object.keys(snapshot).sort())
    for (const [name, gas] of Object.entries(rounded)) {
      const expected = snapshot[name] ?? 0
      expect(gas, `${name}: run UPDATE_GAS_SNAPSHOT=1 npx hardhat test mocha and commit the file if this is meant`)
        .to.be.closeTo(expected, expected * tolerance)
    }
  })
})

/** Bytes as even as those of a gap-coded delta; none is zero, so that the figure is the upper one. */
function randomDelta(length: number): string {
  return hexlify(Uint8Array.from({ length }, (_, index) => index % 255 + 1))
}
