import type { BrowserContext, Page } from 'playwright-core'

/** What officers, gates and merchants do, through the pages they use. Everything is found by role and name. */

export interface NewResident {
  readonly givenName: string
  readonly familyName: string
  /** YYYY-MM-DD */
  readonly birthDate: string
}

/** Draws a photograph nobody took, in the page, so that it is a real JPEG of the browser's own making. */
const drawingCode = `(() => {
  const canvas = document.createElement('canvas')
  canvas.width = 480
  canvas.height = 600
  const pen = canvas.getContext('2d')
  const shapes = [['#c8d4e0', 0, 0, 480, 600], ['#2b3d52', 80, 430, 320, 170]]
  for (const [colour, ...rectangle] of shapes) {
    pen.fillStyle = colour
    pen.fillRect(...rectangle)
  }
  pen.fillStyle = '#8a5a3c'
  pen.beginPath()
  pen.ellipse(240, 260, 110, 145, 0, 0, Math.PI * 2)
  pen.fill()
  return canvas.toDataURL('image/jpeg', 0.9)
})()`

async function drawPortrait(page: Page): Promise<Buffer> {
  const dataUrl: string = await page.evaluate(drawingCode)
  return Buffer.from(dataUrl.split(',')[1] ?? '', 'base64')
}

/** Opens an app and signs in where it asks for it. */
export async function signIn(context: BrowserContext, appUrl: string, login: string, password: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(appUrl)
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).or(page.getByRole('main').getByRole('button', { name: 'Sign in' })).first().click()
  await page.getByLabel('User name').fill(login)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => url.href.startsWith(appUrl))
  return page
}

export async function enrol(page: Page, resident: NewResident): Promise<void> {
  await page.getByRole('link', { name: 'Enrol a resident' }).first().click()
  await page.getByLabel('Given names').fill(resident.givenName)
  await page.getByLabel('Family name').fill(resident.familyName)
  await page.getByLabel('Birth date').fill(resident.birthDate)
  const portrait = await drawPortrait(page)
  await page.locator('input[type=file]').setInputFiles({ name: 'portrait.jpg', mimeType: 'image/jpeg', buffer: portrait })
  await page.getByText('The portrait is ready.').waitFor({ state: 'attached' })
  await page.getByText('I have inspected the person').click()
  await page.getByRole('button', { name: 'Enrol resident' }).click()
  await page.getByRole('heading', { name: `${resident.givenName} ${resident.familyName}` }).waitFor()
}

export interface ShownOffer {
  readonly link: string
  readonly txCode: string
}

async function shownLink(page: Page): Promise<string> {
  return (await page.getByTestId('qr-link').textContent({ timeout: 30_000 })) ?? ''
}

export async function offerCard(page: Page): Promise<ShownOffer> {
  await page.getByRole('button', { name: 'Offer a card' }).click()
  const link = await shownLink(page)
  return { link, txCode: ((await page.getByTestId('tx-code').textContent()) ?? '').trim() }
}

export async function awaitIssued(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'The card is in the wallet' }).waitFor()
  await page.getByRole('button', { name: 'Done' }).click()
}

export async function awardPoints(page: Page, points: number, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Award points' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Points' }).fill(String(points))
  await dialog.getByRole('textbox', { name: 'Reason' }).fill(reason)
  await dialog.getByRole('button', { name: 'Award points' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

export async function revokeCard(page: Page, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'))
  await dialog.getByLabel('Reason').selectOption({ label: reason })
  await dialog.getByRole('button', { name: 'Revoke card' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

/** Asks for "18 or over" and returns the link of the code that is shown. */
export async function askAge(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Show the code' }).click()
  return shownLink(page)
}

/** Enters an amount at the till and returns the link of the code that is shown. */
export async function charge(page: Page, points: number): Promise<string> {
  await page.getByLabel('Amount in points').fill(String(points))
  await page.getByRole('button', { name: /^Charge / }).click()
  return shownLink(page)
}
