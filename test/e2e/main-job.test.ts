import { expect } from 'chai'
import { takePicture } from './support/browser.ts'
import { askAge, awaitIssued, awardPoints, charge, enrol, offerCard, revokeCard, signIn } from './support/desk.ts'
import { filmQrCode } from './support/camera-film.ts'
import { useTwoCities } from './support/two-cities.ts'
import { awaitReceived, openLink, openPoints, openWallet, pay, receiveCard, share, withdraw } from './support/wallet.ts'

/** DESIGN, section 1: the main job, as the people of two cities do it. */
describe('the main job, through the real pages of two cities', () => {
  const cities = useTwoCities('main-job')

  it('goes from enrolment to a card, a check abroad, points, a payment and a revocation that says why', async () => {
    const resident = { givenName: 'Nour', familyName: 'Example', birthDate: '1994-05-17' }
    const officer = await cities.person()
    const holder = await cities.person({ phone: true })
    const gate = await cities.person()
    const merchant = await cities.person()

    // Porto enrols a resident and offers the card.
    const staff = await signIn(officer.context, `${cities.symbolon.porto}/staff/`, 'officer', cities.symbolon.password('PTOPO', 'officer'))
    await enrol(staff, resident)
    const offer = await offerCard(staff)
    expect(offer.txCode).to.match(/^\d{4,8}$/)
    await takePicture(staff, 'staff-offer')

    // The card arrives in the wallet, with the holder's name first.
    const wallet = await openWallet(holder.context, cities.symbolon.porto)
    await receiveCard(wallet, offer)
    await awaitReceived(wallet)
    await awaitIssued(staff)
    await wallet.getByRole('navigation').getByRole('link', { name: 'Card' }).click()
    await wallet.getByText('Nour').first().waitFor()
    await takePicture(wallet, 'wallet-card')

    // Clermont-Ferrand verifies it, and learns one thing.
    const verifier = await signIn(gate.context, `${cities.symbolon.clermont}/verifier/`, 'gate', cities.symbolon.password('FRCFE', 'gate'))
    await openLink(wallet, await askAge(verifier))
    await wallet.getByText('A member city').first().waitFor()
    await takePicture(wallet, 'wallet-share')
    await share(wallet)
    await verifier.getByText('Accepted', { exact: true }).first().waitFor()
    await takePicture(verifier, 'verifier-accepted')
    const told = await verifier.getByRole('main').innerText()
    expect(told).to.contain('Porto')
    expect(told).not.to.contain('Nour')
    expect(told).not.to.contain('1994')

    // The resident earns points, moves them into the wallet and pays a merchant.
    await awardPoints(staff, 120, 'Beach clean-up')
    await withdraw(wallet, 100)
    await wallet.getByText('Done', { exact: true }).first().waitFor({ timeout: 60_000 })
    const till = await signIn(merchant.context, `${cities.symbolon.porto}/merchant/`, 'cafe', cities.symbolon.password('PTOPO', 'cafe'))
    await pay(wallet, await charge(till, 45))
    await till.getByText('Paid', { exact: true }).first().waitFor({ timeout: 60_000 })
    await takePicture(till, 'till-paid')
    await wallet.getByText('Paid', { exact: true }).first().waitFor({ timeout: 60_000 })
    await openPoints(wallet)
    await wallet.getByText('55').first().waitFor()
    await takePicture(wallet, 'wallet-points')

    // Porto revokes the card; Clermont-Ferrand now says no, and says why.
    await revokeCard(staff, 'Lost')
    await staff.getByText('Revoked').first().waitFor()
    const deadline = Date.now() + 60_000
    let decision = ''
    while (!decision.includes('Not accepted') && Date.now() < deadline) {
      await verifier.getByRole('button', { name: 'Check next' }).click()
      await openLink(wallet, await askAge(verifier))
      await share(wallet)
      await verifier.getByRole('button', { name: 'Check next' }).waitFor()
      decision = await verifier.getByRole('main').innerText()
    }
    await takePicture(verifier, 'verifier-refused')
    expect(decision).to.contain('Not accepted')
    expect(decision).to.contain('The card was revoked by the city that issued it.')
  })
  it('gives a card to a wallet that scans the code with its camera', async () => {
    const officer = await cities.person()
    const staff = await signIn(officer.context, `${cities.symbolon.porto}/staff/`, 'officer', cities.symbolon.password('PTOPO', 'officer'))
    await enrol(staff, { givenName: 'Rui', familyName: 'Camera', birthDate: '2001-11-30' })
    const offer = await offerCard(staff)
    const holder = await cities.person({ phone: true, cameraFilm: filmQrCode(offer.link) })
    const wallet = await openWallet(holder.context, cities.symbolon.porto)
    await wallet.getByRole('navigation').getByRole('link', { name: 'Scan' }).click()
    await wallet.getByRole('button', { name: /camera/i }).click()
    await wallet.getByLabel('Code from the desk').fill(offer.txCode)
    await wallet.getByRole('button', { name: 'Receive the card' }).click()
    await awaitReceived(wallet)
    await awaitIssued(staff)
  })
})
