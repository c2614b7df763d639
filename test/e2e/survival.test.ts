import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { BrowserContext, Page } from 'playwright-core'
import { awardPoints, charge, enrol, offerCard, signIn } from './support/desk.ts'
import { useTwoCities } from './support/two-cities.ts'
import { openPoints, openWallet, pay, receiveCard, withdraw } from './support/wallet.ts'

const PATIENCE_MS = 120_000

/** Repeats what a person would try again until what they wait for is there. */
async function until(what: string, isThere: () => Promise<boolean>, tryAgain: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isThere().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await tryAgain().catch(() => undefined)
    await sleep(1500)
  }
}

describe('a service that is killed in the middle', () => {
  const cities = useTwoCities('survival')
  /** Of the last holder; it still holds 15 points when everything is started again. */
  let lastWallet: Page | undefined

  /** Kills Porto's service `delayMs` after the next request whose path matches has left the browser. */
  function killOn(context: BrowserContext, path: RegExp, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const listen = (request: { method(): string; url(): string }): void => {
        if (request.method() !== 'POST' || !path.test(new URL(request.url()).pathname)) return
        context.off('request', listen)
        setTimeout(() => {
          process.kill(cities.symbolon.servicePid('PTOPO'), 'SIGKILL')
          resolve()
        }, delayMs)
      }
      context.on('request', listen)
    })
  }

  async function serviceIsBack(): Promise<void> {
    const answers = async (): Promise<boolean> => (await fetch(`${cities.symbolon.porto}/health/ready`)).ok
    await until('the service', answers, () => Promise.resolve())
  }

  async function readTrust(): Promise<{ funded: number; redeemed: number; outstanding: number }> {
    const trust = (await (await fetch(`${cities.symbolon.porto}/v1/trust`)).json()) as {
      programs: { city: string; funded: number; redeemed: number; outstanding: number }[]
    }
    const program = trust.programs.find(({ city }) => city === 'PTOPO')
    if (program === undefined) throw new Error('no programme of Porto on the chain')
    return program
  }

  const shows = async (page: Page, text: string | RegExp): Promise<boolean> => (await page.getByText(text).count()) > 0

  for (const delayMs of [5, 60]) {
    it(`keeps every promise of cards and points when killed ${delayMs} ms after a request (SIGKILL)`, async () => {
      const familyName = `Survivor${delayMs}`
      const officer = await cities.person()
      const holder = await cities.person({ phone: true })
      const merchant = await cities.person()
      const before = await readTrust()
      const staff = await signIn(officer.context, `${cities.symbolon.porto}/staff/`, 'officer', cities.symbolon.password('PTOPO', 'officer'))
      await enrol(staff, { givenName: 'Ada', familyName, birthDate: '1980-02-03' })
      const residentPage = staff.url()

      // Killed while the card is being issued: it arrives, once.
      const offer = await offerCard(staff)
      const wallet = await openWallet(holder.context, cities.symbolon.porto)
      lastWallet = wallet
      const killedIssuing = killOn(holder.context, /\/oid4vci\/credential$/, delayMs)
      await receiveCard(wallet, offer)
      await killedIssuing
      await serviceIsBack()
      await until('the card', () => shows(wallet, familyName), () => wallet.goto(`${cities.symbolon.porto}/wallet/`))
      await staff.goto(residentPage)
      await staff.reload()
      const active = staff.locator('.badge', { hasText: 'Active' })
      await active.first().waitFor()
      expect(await active.count()).to.equal(1)

      // Killed while points are being awarded: trying again awards them once.
      const killedAwarding = killOn(officer.context, /\/awards$/, delayMs)
      const awarding = awardPoints(staff, 60, 'Beach clean-up').catch(() => undefined)
      await killedAwarding
      await serviceIsBack()
      const dialog = staff.getByRole('dialog')
      await until('the award', async () => (await dialog.count()) === 0, () => dialog.getByRole('button', { name: 'Award points' }).click({ timeout: 1000 }))
      await awarding
      await staff.reload()
      await staff.getByText('60 points').first().waitFor()

      // Killed while points move into the wallet: they arrive, and are debited once.
      const killedWithdrawing = killOn(holder.context, /\/withdrawals$/, delayMs)
      await withdraw(wallet, 40)
      await killedWithdrawing
      await serviceIsBack()
      await until('the notes', () => purseIs(wallet, { inWallet: 40, atCity: 20 }), () => wallet.goto(`${cities.symbolon.porto}/wallet/`))

      // Killed while a merchant is being paid: paid once, for good.
      const till = await signIn(merchant.context, `${cities.symbolon.porto}/merchant/`, 'cafe', cities.symbolon.password('PTOPO', 'cafe'))
      const link = await charge(till, 25)
      const killedPaying = killOn(holder.context, /\/payments$/, delayMs)
      await pay(wallet, link)
      await killedPaying
      await serviceIsBack()
      await until('the payment', () => shows(till, /^Paid$/), () => wallet.goto(`${cities.symbolon.porto}/wallet/`))
      await until('the rest', () => purseIs(wallet, { inWallet: 15, atCity: 20 }), () => wallet.goto(`${cities.symbolon.porto}/wallet/`))

      // Chain, database and wallet agree: 60 awarded = 20 with the city + 15 in the wallet + 25 redeemed.
      await staff.goto(residentPage)
      await staff.reload()
      await staff.getByText('20 points').first().waitFor()
      const after = await readTrust()
      expect(after.redeemed - before.redeemed).to.equal(25)
      expect(after.funded).to.equal(before.funded)
      expect(after.outstanding).to.equal(after.funded - after.redeemed)
    })
  }

  it('is found again, with everything, when all processes were killed and npm start is run again', async () => {
    const before = await readTrust()
    await cities.symbolon.killEverything()
    await cities.symbolon.startAgain()
    const after = await readTrust()
    expect(after).to.deep.equal(before)
    const wallet = lastWallet
    if (wallet === undefined) throw new Error('nobody holds a card')
    await wallet.goto(`${cities.symbolon.porto}/wallet/`)
    await until('the points', () => purseIs(wallet, { inWallet: 15, atCity: 20 }), () => wallet.goto(`${cities.symbolon.porto}/wallet/`))
  })

  /** Whether the points page comes to show these sums; the city's half arrives a moment after the page. */
  async function purseIs(wallet: Page, expected: { inWallet: number; atCity: number }): Promise<boolean> {
    await openPoints(wallet)
    await wallet.getByTestId('points-in-wallet').filter({ hasText: new RegExp(`^${expected.inWallet}$`) }).waitFor({ timeout: 15_000 })
    await wallet.getByTestId('points-at-city').filter({ hasText: new RegExp(`^${expected.atCity}$`) }).waitFor({ timeout: 15_000 })
    return true
  }
})
