import type { BrowserContext, Page } from 'playwright-core'
import type { ShownOffer } from './desk.ts'

/** What a resident does in the wallet. */

export async function openWallet(context: BrowserContext, cityUrl: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${cityUrl}/wallet/`)
  return page
}

export async function receiveCard(wallet: Page, offer: ShownOffer): Promise<void> {
  await openLink(wallet, offer.link)
  await wallet.getByLabel('Code from the desk').fill(offer.txCode)
  await wallet.getByRole('button', { name: 'Receive the card' }).click()
}

export async function awaitReceived(wallet: Page): Promise<void> {
  await wallet.getByRole('heading', { name: 'Your card has arrived' }).waitFor({ timeout: 60_000 })
}

/** Takes in a link as a person without a camera does: by pasting it. */
export async function openLink(wallet: Page, link: string): Promise<void> {
  await wallet.getByRole('navigation').getByRole('link', { name: 'Scan' }).click()
  await wallet.getByLabel('Or paste a link').fill(link)
  await wallet.getByRole('button', { name: 'Continue' }).click()
}

export async function share(wallet: Page): Promise<void> {
  await wallet.getByRole('button', { name: 'Share', exact: true }).click()
  await wallet.getByText('Shared', { exact: true }).first().waitFor()
}

export async function openPoints(wallet: Page): Promise<void> {
  await wallet.getByRole('navigation').getByRole('link', { name: 'Points' }).click()
}

export async function withdraw(wallet: Page, points: number): Promise<void> {
  await openPoints(wallet)
  await wallet.getByRole('link', { name: 'Move points into the wallet' }).or(wallet.getByRole('button', { name: 'Move points into the wallet' })).first().click()
  await wallet.getByRole('textbox').first().fill(String(points))
  await wallet.getByRole('button', { name: 'Move into the wallet' }).click()
}

export async function pay(wallet: Page, link: string): Promise<void> {
  await openLink(wallet, link)
  await wallet.getByRole('button', { name: /^Pay \d/ }).click()
}
