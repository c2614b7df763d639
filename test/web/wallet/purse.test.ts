import 'fake-indexeddb/auto'
import { expect } from 'chai'
import { followPayment, payOrder, planOrder, resumePayments } from '../../../web/wallet/points/pay.ts'
import type { PayTools } from '../../../web/wallet/points/pay.ts'
import { readTotals, resumeWithdrawals, withdraw, withdrawAmount } from '../../../web/wallet/points/purse.ts'
import { restoreNotes } from '../../../web/wallet/points/restore-notes.ts'
import { openVault } from '../../../web/wallet/vault/vault.ts'
import type { Vault } from '../../../web/wallet/vault/vault.ts'
import { cityUrl, FakeCity, programId } from './fake-city.ts'

const issuer = cityUrl
const program = programId

interface Scene extends PayTools {
  readonly fake: FakeCity
}

describe('purse', () => {
  let count = 0
  const open: Vault[] = []
  afterEach(() => open.splice(0).forEach((vault) => vault.close()))

  async function begin(balance: number, values?: number[]): Promise<Scene> {
    const vault = await openVault({ name: `purse-${++count}` })
    open.push(vault)
    const fake = new FakeCity(balance, values)
    return { vault, city: fake, orders: fake, fake }
  }

  const pointsIn = async ({ vault }: Scene) => {
    const [total] = await readTotals(vault)
    return { held: total?.held ?? 0, requested: total?.requested ?? 0, paying: total?.paying ?? 0 }
  }

  describe('withdrawing', () => {
    it('turns balance into notes of the same worth', async () => {
      const scene = await begin(20)
      await withdrawAmount({ issuer, program, amount: 13 }, scene)
      expect(await pointsIn(scene)).to.deep.equal({ held: 13, requested: 0, paying: 0 })
      expect(scene.fake.balancePoints).to.equal(7)
    })

    it('reports its progress to the end', async () => {
      const scene = await begin(20)
      const seen: number[] = []
      await withdrawAmount({ issuer, program, amount: 3, progress: (done, all) => seen.push(done / all) }, scene)
      expect(seen.at(-1)).to.equal(1)
      expect(seen).to.deep.equal([...seen].sort((a, b) => a - b))
    })

    it('asks in parts no larger than a city signs at once', async () => {
      const scene = await begin(70, [1])
      await withdrawAmount({ issuer, program, amount: 70 }, scene)
      expect((await pointsIn(scene)).held).to.equal(70)
      expect(new Set(scene.fake.requests.filter((request) => request.startsWith('withdraw'))).size).to.equal(2)
    }).timeout(60_000)

    for (const fault of ['question lost', 'answer lost'] as const) {
      it(`loses and doubles nothing when the ${fault}, and finishes at the next start`, async () => {
        const scene = await begin(20)
        scene.fake.faults = [fault]
        await failure(withdrawAmount({ issuer, program, amount: 5 }, scene))
        expect(await pointsIn(scene)).to.deep.equal({ held: 0, requested: 5, paying: 0 })
        await resumeWithdrawals(scene)
        expect(await pointsIn(scene)).to.deep.equal({ held: 5, requested: 0, paying: 0 })
        expect(scene.fake.balancePoints).to.equal(15)
        expect(new Set(scene.fake.requests).size).to.equal(1)
      })
    }

    it('takes a refused withdrawal back without leaving a gap in the counters', async () => {
      const scene = await begin(3)
      expect(await failure(withdraw({ issuer, program, values: [4] }, scene))).to.include({ problem: 'ERR_BALANCE_INSUFFICIENT' })
      expect(await pointsIn(scene)).to.deep.equal({ held: 0, requested: 0, paying: 0 })
      expect((await scene.vault.list('counter')).map(({ next }) => next)).to.deep.equal([0])
    })

    it('never uses a note key twice', async () => {
      const scene = await begin(20)
      await withdraw({ issuer, program, values: [1, 1] }, scene)
      await withdraw({ issuer, program, values: [1] }, scene)
      expect(new Set((await scene.vault.list('note')).map(({ address }) => address)).size).to.equal(3)
    })

    it('refuses a programme whose keys have changed', async () => {
      const scene = await begin(20)
      await withdraw({ issuer, program, values: [1] }, scene)
      const known = await scene.vault.find('program', program)
      await scene.vault.commit([{ kind: 'program', put: { ...known!, denominations: [{ value: 1, modulus: 'other' }] } }])
      expect(await failure(withdraw({ issuer, program, values: [1] }, scene))).to.include({ code: 'ERR_PROGRAM_KEYS_CHANGED' })
    })
  })

  describe('paying', () => {
    it('pays exactly from notes and lets go of them once the order is paid', async () => {
      const scene = await begin(20)
      await withdrawAmount({ issuer, program, amount: 13 }, scene)
      const order = await scene.fake.read(scene.fake.createOrder(6))
      expect(await payOrder(order, scene)).to.equal('paying')
      expect(await pointsIn(scene)).to.deep.equal({ held: 7, requested: 0, paying: 6 })
      scene.fake.confirm(order.orderUrl)
      expect(await followPayment(order.orderId, scene)).to.equal('paid')
      expect(await pointsIn(scene)).to.deep.equal({ held: 7, requested: 0, paying: 0 })
      expect((await scene.vault.list('event')).filter(({ kind }) => kind === 'paid')).to.have.length(1)
    })

    it('withdraws the whole balance when notes are missing: the city must not learn the price from the sum', async () => {
      const scene = await begin(20)
      await withdraw({ issuer, program, values: [8] }, scene)
      const order = await scene.fake.read(scene.fake.createOrder(11))
      expect((await planOrder(order, scene)).plan.kind).to.equal('withdraw')
      expect(await payOrder(order, scene)).to.equal('paying')
      expect(await pointsIn(scene)).to.deep.equal({ held: 9, requested: 0, paying: 11 })
      expect(scene.fake.balancePoints).to.equal(0)
    })

    it('says how much is missing, and sends nothing', async () => {
      const scene = await begin(3)
      await withdraw({ issuer, program, values: [2] }, scene)
      const order = await scene.fake.read(scene.fake.createOrder(11))
      expect(await failure(payOrder(order, scene))).to.deep.include({ code: 'ERR_POINTS_MISSING', amounts: { missing: 9 } })
      expect(scene.fake.requests.some((request) => request.startsWith('pay'))).to.equal(false)
    })

    it('says which sums are possible when the notes are too large', async () => {
      const scene = await begin(8)
      await withdraw({ issuer, program, values: [8] }, scene)
      const order = await scene.fake.read(scene.fake.createOrder(3))
      expect((await planOrder(order, scene)).plan).to.deep.equal({ kind: 'no-exact-sum', payableBelow: 0, payableAbove: 8 })
      expect(await failure(payOrder(order, scene))).to.include({ code: 'ERR_NO_EXACT_SUM' })
    })

    for (const fault of ['question lost', 'answer lost'] as const) {
      it(`pays once when the ${fault}, after the next start`, async () => {
        const scene = await begin(20)
        await withdrawAmount({ issuer, program, amount: 13 }, scene)
        const order = await scene.fake.read(scene.fake.createOrder(6))
        scene.fake.faults = [fault]
        await failure(payOrder(order, scene))
        expect(await pointsIn(scene)).to.deep.equal({ held: 7, requested: 0, paying: 6 })
        await resumePayments(scene)
        scene.fake.confirm(order.orderUrl)
        await resumePayments(scene)
        expect(await pointsIn(scene)).to.deep.equal({ held: 7, requested: 0, paying: 0 })
        expect(scene.fake.redeemed.size).to.equal(2)
      })
    }

    it('gives the notes back when the payment came to nothing', async () => {
      const scene = await begin(20)
      await withdrawAmount({ issuer, program, amount: 13 }, scene)
      const order = await scene.fake.read(scene.fake.createOrder(6))
      await payOrder(order, scene)
      scene.fake.setOrder(order.orderUrl, 'failed')
      expect(await followPayment(order.orderId, scene)).to.equal('failed')
      expect(await pointsIn(scene)).to.deep.equal({ held: 13, requested: 0, paying: 0 })
    })

    it('gives the notes back when somebody else was faster', async () => {
      const scene = await begin(20)
      await withdrawAmount({ issuer, program, amount: 13 }, scene)
      const order = await scene.fake.read(scene.fake.createOrder(6))
      scene.fake.setOrder(order.orderUrl, 'expired')
      expect(await failure(payOrder(order, scene))).to.include({ problem: 'ERR_ORDER_CLOSED' })
      expect(await pointsIn(scene)).to.deep.equal({ held: 13, requested: 0, paying: 0 })
    })

    it('lets go of notes that turn out to be spent, and keeps the others', async () => {
      const scene = await begin(20)
      await withdraw({ issuer, program, values: [4, 2] }, scene)
      const spent = (await scene.vault.list('note')).find(({ value }) => value === 4)
      scene.fake.redeemed.add(spent!.address)
      const order = await scene.fake.read(scene.fake.createOrder(6))
      expect(await failure(payOrder(order, scene))).to.include({ problem: 'ERR_NOTE_SPENT' })
      expect(await pointsIn(scene)).to.deep.equal({ held: 2, requested: 0, paying: 0 })
    })
  })

  describe('restoring', () => {
    it('brings back notes that were withdrawn after the backup, without a second debit', async () => {
      const old = await begin(40)
      await withdrawAmount({ issuer, program, amount: 5 }, old)
      const file = await old.vault.createBackup('correct horse battery')
      await withdrawAmount({ issuer, program, amount: 13 }, old)
      const fresh = { ...old, vault: (await begin(0)).vault }
      await fresh.vault.restoreBackup(file, 'correct horse battery')
      expect(await restoreNotes(issuer, fresh)).to.deep.equal({ recovered: 13, spent: 0 })
      expect((await pointsIn(fresh)).held).to.equal(18)
      expect(old.fake.balancePoints).to.equal(22)
      await withdraw({ issuer, program, values: [1] }, fresh)
      expect((await pointsIn(fresh)).held).to.equal(19)
      expect(old.fake.balancePoints).to.equal(21)
    }).timeout(60_000)

    it('does not count notes that were spent since the backup', async () => {
      const old = await begin(40)
      await withdrawAmount({ issuer, program, amount: 5 }, old)
      const file = await old.vault.createBackup('correct horse battery')
      await withdrawAmount({ issuer, program, amount: 4 }, old)
      const order = await old.fake.read(old.fake.createOrder(9))
      await payOrder(order, old)
      old.fake.confirm(order.orderUrl)
      const fresh = { ...old, vault: (await begin(0)).vault }
      await fresh.vault.restoreBackup(file, 'correct horse battery')
      expect(await restoreNotes(issuer, fresh)).to.deep.equal({ recovered: 0, spent: 5 })
      expect((await pointsIn(fresh)).held).to.equal(0)
    }).timeout(60_000)
  })
})

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It did not fail')
}
