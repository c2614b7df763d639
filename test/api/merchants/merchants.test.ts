import { expect } from 'chai'
import type { Merchant, Order } from '../../../api/merchants/types.ts'
import { isIban } from '../../../api/merchants/wire.ts'
import type { ListedProgram } from '../../../api/rewards/types.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { createNotePurse, createPointsDesk, payWith, pointsMigrations, refusalOf } from '../points-desk.ts'

const iban = 'PT50000201231234567890154'

describe('merchants', () => {
  onEachDatabase(pointsMigrations, (db) => {
    let desk: ReturnType<typeof createPointsDesk>
    let program: ListedProgram
    let merchant: Merchant
    let counter = 0

    before(async function makeProgram() {
      this.timeout(60_000)
      desk = createPointsDesk(db())
      program = await desk.rewards.createProgram({ name: 'Porto Points', units: 10_000, validUntil: new Date('2026-12-31T23:59:59Z') })
      merchant = (await desk.merchants.register({ name: 'Café', iban, login: 'cafe' })).merchant
    })
    beforeEach(() => { desk.time.now = new Date('2026-11-23T10:00:00Z') })

    /** Notes of these values in a wallet. */
    const withdraw = async (...values: number[]) => {
      const residentId = await desk.enrol()
      const total = values.reduce((sum, value) => sum + value, 0)
      await desk.rewards.award({ residentId, programId: program.programId, points: total, reason: 'x' }, { issuer: 'https://login.test', subject: 'officer' })
      const purse = createNotePurse(program.programId, program.denominations)
      const asked = values.map((value) => ({ value, counter: counter += 1 }))
      const signed = await desk.rewards.withdraw(residentId, program.programId, asked.map((note) => purse.ask(note.value, note.counter)))
      return asked.map((note, position) => purse.take(note.value, note.counter, signed[position]?.signature ?? new Uint8Array()))
    }
    const order = (points: number): Promise<Order> => desk.merchants.createOrder(merchant.merchantId, { programId: program.programId, points, memo: 'coffee' })
    const lastKey = (): string => desk.chain.calls.at(-1)?.key ?? ''
    const settled = (units: number) => ({ merchant: merchant.address, programId: program.programId, units: BigInt(units), paidAtSeconds: undefined })

    it('have an account of their own and are registered on the chain', async () => {
      const { merchant: other, password } = await desk.merchants.register({ name: 'Books', iban, login: 'books' })
      expect(other.address).to.match(/^0x[0-9a-fA-F]{40}$/)
      expect(other.address).not.to.equal(merchant.address)
      expect(password).to.equal('first-password')
      expect(desk.chain.calls.at(-1)).to.deep.include({ method: 'registerMerchant', args: ['0x50544f504f', other.address] })
    })

    it('cannot take a login twice, in whatever case', async () => {
      expect(await refusalOf(desk.merchants.register({ name: 'Other', iban, login: 'CAFE' }))).to.equal('ERR_LOGIN_TAKEN')
    })

    it('belong to the account that first signs in with their login, at its provider', async () => {
      const { merchant: shop } = await desk.merchants.register({ name: 'Bakery', iban, login: 'bakery' })
      const owner = { issuer: 'https://id.porto.example', subject: 'sub-1', login: 'Bakery' }
      expect(await desk.merchants.findMerchantIdOf({ ...owner, login: 'nobody' })).to.equal(undefined)
      expect(await desk.merchants.findMerchantIdOf(owner)).to.equal(shop.merchantId)
      expect(await desk.merchants.findMerchantIdOf({ ...owner, login: 'renamed' })).to.equal(shop.merchantId)
      expect(await desk.merchants.findMerchantIdOf({ ...owner, subject: 'sub-2' })).to.equal(undefined)
      expect(await desk.merchants.findMerchantIdOf({ ...owner, issuer: 'https://id.elsewhere.example' })).to.equal(undefined)
    })

    it('can be given to another account when their own is lost', async () => {
      const { merchant: shop } = await desk.merchants.register({ name: 'Florist', iban, login: 'florist' })
      const lost = { issuer: 'https://id.porto.example', subject: 'sub-7', login: 'florist' }
      expect(await desk.merchants.findMerchantIdOf(lost)).to.equal(shop.merchantId)
      await desk.merchants.releaseLogin(shop.merchantId)
      expect(await desk.merchants.findMerchantIdOf({ ...lost, subject: 'sub-8' })).to.equal(shop.merchantId)
      expect(await desk.merchants.findMerchantIdOf(lost)).to.equal(undefined)
      expect(await refusalOf(desk.merchants.releaseLogin('00000000-0000-4000-8000-000000000000'))).to.equal('ERR_NOT_FOUND')
    })

    it('are paid once the chain says so', async () => {
      const placed = await order(5)
      const paying = await desk.merchants.pay(placed.orderId, payWith(await withdraw(4, 1), placed, merchant.address))
      expect(paying.state).to.equal('paying')
      expect(desk.chain.calls.at(-1)).to.deep.include({ method: 'redeem', account: 'city-controller' })
      desk.index.redemptions.set(placed.orderId, { units: 5n, redeemedAtSeconds: 1_795_428_000 })
      expect(await desk.merchants.readOrder(placed.orderId)).to.deep.include({ state: 'paid', paidAt: new Date(1_795_428_000_000) })
    })

    it('take one of two payments that race for an order', async () => {
      const placed = await order(2)
      const [a, b] = [await withdraw(2), await withdraw(2)]
      const outcomes = await Promise.all([a, b].map((notes) => refusalOf(desk.merchants.pay(placed.orderId, payWith(notes, placed, merchant.address)))))
      expect(outcomes.sort()).to.deep.equal(['ERR_ORDER_CLOSED', 'accepted'])
    })

    it('take a note for one of two orders that race for it', async () => {
      const [first, second] = [await order(2), await order(2)]
      const notes = await withdraw(2)
      const outcomes = await Promise.all([first, second].map((placed) => refusalOf(desk.merchants.pay(placed.orderId, payWith(notes, placed, merchant.address)))))
      expect(outcomes.sort()).to.deep.equal(['ERR_NOTE_SPENT', 'accepted'])
    })

    it('refuse a note that the chain has seen', async () => {
      const placed = await order(2)
      const notes = await withdraw(2)
      desk.index.spent.push(notes[0]?.address.toLowerCase() ?? '')
      expect(await refusalOf(desk.merchants.pay(placed.orderId, payWith(notes, placed, merchant.address)))).to.equal('ERR_NOTE_SPENT')
    })

    it('refuse notes that do not add up, stand twice, or were signed for another order', async () => {
      const [placed, other] = [await order(4), await order(4)]
      const notes = await withdraw(2)
      const offered = payWith(notes, placed, merchant.address)
      expect(await refusalOf(desk.merchants.pay(placed.orderId, offered))).to.equal('ERR_AMOUNT_MISMATCH')
      expect(await refusalOf(desk.merchants.pay(placed.orderId, [...offered, ...offered]))).to.equal('ERR_NOTE_REPEATED')
      const four = await withdraw(4)
      expect(await refusalOf(desk.merchants.pay(placed.orderId, payWith(four, other, merchant.address)))).to.equal('ERR_NOTE_INVALID')
    })

    it('refuse a note that the city never signed', async () => {
      const placed = await order(2)
      const [genuine] = await withdraw(2)
      const forged = { ...genuine, value: 2, secretKey: genuine?.secretKey ?? new Uint8Array(), rsaSignature: new Uint8Array(256).fill(7) }
      expect(await refusalOf(desk.merchants.pay(placed.orderId, payWith([forged], placed, merchant.address)))).to.equal('ERR_NOTE_INVALID')
    })

    it('refuse a note of value 1 that claims to be 2', async () => {
      const placed = await order(2)
      const [one] = await withdraw(1)
      expect(await refusalOf(desk.merchants.pay(placed.orderId, payWith([{ ...one, value: 2 } as never], placed, merchant.address)))).to.equal('ERR_NOTE_INVALID')
    })

    it('refuse a payment after the time of the order', async () => {
      const placed = await order(2)
      const notes = await withdraw(2)
      desk.time.now = new Date(placed.expiresAt.getTime() + 1)
      expect((await desk.merchants.readOrder(placed.orderId)).state).to.equal('expired')
      expect(await refusalOf(desk.merchants.pay(placed.orderId, payWith(notes, placed, merchant.address)))).to.equal('ERR_ORDER_EXPIRED')
    })

    describe('when the federation replaces RewardPrograms', () => {
      const old = { chainId: 7411, verifyingContract: `0x${'ab'.repeat(20)}` }
      const next = { chainId: 7411, verifyingContract: `0x${'cd'.repeat(20)}` }
      afterEach(() => {
        desk.index.domains = { current: old, earlier: [] }
        desk.index.totals.delete(program.programId)
      })

      it('have notes signed over under the new contract, and say so of one that was signed for the old', async () => {
        const placed = await order(2)
        const notes = await withdraw(2)
        const signedForTheOld = payWith(notes, placed, merchant.address)
        desk.index.domains = { current: next, earlier: [old] }
        expect(await desk.merchants.redeemDomain()).to.deep.equal(next)
        expect(await refusalOf(desk.merchants.pay(placed.orderId, signedForTheOld))).to.equal('ERR_NOTE_OUTDATED')
        desk.index.domains = { current: old, earlier: [next] }
        expect((await desk.merchants.pay(placed.orderId, signedForTheOld)).state).to.equal('paying')
      })

      it('take no points of a programme that the old contract holds', async () => {
        const placed = await order(2)
        const notes = await withdraw(2)
        desk.index.totals.set(program.programId, { funded: 10n, redeemed: 0n, closed: false, replaced: true })
        expect(await refusalOf(order(2))).to.equal('ERR_PROGRAM_REPLACED')
        expect(await refusalOf(desk.merchants.pay(placed.orderId, payWith(notes, placed, merchant.address)))).to.equal('ERR_PROGRAM_REPLACED')
      })

      it('hear why a payment failed that was on its way', async () => {
        const placed = await order(2)
        await desk.merchants.pay(placed.orderId, payWith(await withdraw(2), placed, merchant.address))
        desk.chain.settle(lastKey(), 'failed', 'ERR_REWARD_PROGRAMS_UNKNOWN_PROGRAM')
        expect(await desk.merchants.readOrder(placed.orderId)).to.deep.include({ state: 'failed', failureCode: 'ERR_PROGRAM_REPLACED' })
      })
    })

    it('tell a double spend that the chain found, and free the order for another payment', async () => {
      const placed = await order(2)
      await desk.merchants.pay(placed.orderId, payWith(await withdraw(2), placed, merchant.address))
      desk.chain.settle(lastKey(), 'failed', 'ERR_REWARD_PROGRAMS_NOTE_SPENT')
      expect(await desk.merchants.readOrder(placed.orderId)).to.deep.include({ state: 'failed', failureCode: 'ERR_NOTE_SPENT' })
      await desk.merchants.followPayments()
      expect((await desk.merchants.pay(placed.orderId, payWith(await withdraw(2), placed, merchant.address))).state).to.equal('paying')
    })

    it('free the notes of a payment that failed for another order', async () => {
      const [first, second] = [await order(2), await order(2)]
      const notes = await withdraw(2)
      await desk.merchants.pay(first.orderId, payWith(notes, first, merchant.address))
      desk.chain.settle(lastKey(), 'failed', 'ERR_CHAIN_REVERTED')
      await desk.merchants.followPayments()
      expect((await desk.merchants.pay(second.orderId, payWith(notes, second, merchant.address))).state).to.equal('paying')
    })

    it('are settled from what they hold on the chain, and no further', async () => {
      desk.index.holdings.set(merchant.address, [{ programId: program.programId, units: 10n }])
      const outcomes = await Promise.all([7, 7].map((units) => refusalOf(desk.merchants.requestSettlement(merchant.merchantId, program.programId, units))))
      expect(outcomes.sort()).to.deep.equal(['ERR_HOLDINGS_TOO_LOW', 'accepted'])
      expect(desk.chain.calls.at(-1)).to.deep.include({ method: 'request', account: `merchant:${merchant.merchantId}` })
    })

    it('may ask again for what the chain refused to settle', async () => {
      const placed = await order(1)
      await desk.merchants.pay(placed.orderId, payWith(await withdraw(1), placed, merchant.address))
      desk.index.redemptions.set(placed.orderId, { units: 1n, redeemedAtSeconds: 1_795_428_000 })
      desk.index.holdings.set(merchant.address, [{ programId: program.programId, units: 1_000n }])
      const refused = await desk.merchants.requestSettlement(merchant.merchantId, program.programId, 500)
      desk.chain.settle(lastKey(), 'failed', 'ERR_CHAIN_REVERTED')
      expect((await desk.merchants.readOrder(placed.orderId)).state).to.equal('paid')
      const again = await desk.merchants.requestSettlement(merchant.merchantId, program.programId, 500)
      desk.index.settlements.set(again.ref, settled(500))
      expect(again.ref).not.to.equal(refused.ref)
      expect((await desk.merchants.readOrder(placed.orderId)).state).to.equal('settled')
    })

    it('are not paid for a request that somebody else made under their reference', async () => {
      desk.index.holdings.set(merchant.address, [{ programId: program.programId, units: 2_000n }])
      const { ref } = await desk.merchants.requestSettlement(merchant.merchantId, program.programId, 4)
      const [other, otherProgram] = [`0x${'ab'.repeat(20)}`, `0x${'cd'.repeat(32)}`]
      for (const foreign of [{ ...settled(4), merchant: other }, { ...settled(4), programId: otherProgram }, settled(1)]) {
        desk.index.settlements.set(ref, foreign)
        expect(await refusalOf(desk.merchants.markPaid(ref, 'SEPA 9'))).to.equal('ERR_CONFLICT')
      }
      desk.chain.settle(lastKey(), 'failed', 'ERR_CHAIN_REVERTED')
      expect((await desk.merchants.listSettlements(merchant.merchantId)).find((settlement) => settlement.ref === ref)?.state).to.equal('failed')
    })

    it('are marked paid once, after the chain has the request', async () => {
      desk.index.holdings.set(merchant.address, [{ programId: program.programId, units: 100n }])
      const { ref } = await desk.merchants.requestSettlement(merchant.merchantId, program.programId, 3)
      expect(await refusalOf(desk.merchants.markPaid(ref, 'SEPA 1'))).to.equal('ERR_CONFLICT')
      desk.index.settlements.set(ref, settled(3))
      await desk.merchants.markPaid(ref, 'SEPA 1')
      expect(JSON.stringify(desk.chain.calls.at(-1))).not.to.contain('SEPA')
      expect(await refusalOf(desk.merchants.markPaid(ref, 'SEPA 2'))).to.equal('ERR_CONFLICT')
      desk.index.settlements.set(ref, { ...settled(3), paidAtSeconds: 1_795_428_000 })
      expect((await desk.merchants.listSettlements(merchant.merchantId)).find((settlement) => settlement.ref === ref)?.state).to.equal('paid')
    })
  })
})

describe('isIban', () => {
  it('takes the examples of the ISO 13616 registry and refuses them with one digit changed', () => {
    for (const good of [iban, 'FR1420041010050500013M02606', 'DE89370400440532013000', 'BE71096123456769']) expect(isIban(good)).to.equal(true)
    for (const bad of ['PT50000201231234567890155', 'FR1420041010050500013M02607', 'PT50', 'hello']) expect(isIban(bad)).to.equal(false)
  })
})
