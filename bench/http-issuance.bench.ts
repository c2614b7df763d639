import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { createTestCity } from '../test/api/city.ts'
import { createWire, credentialsOf, keysOf } from '../test/api/wallet.ts'
import { measure, type Bench } from './measure.ts'

const COPIES = 8

/**
 * Cards over HTTP from the offer at the desk to the copies in the wallet: offer, token, nonce and a credential request
 * with as many key proofs as copies, against a real service with its database in memory. What the wallet does counts
 * too, as it runs in the same process, and so does enrolling the resident; only clock and chain are fakes.
 */
export const run: Bench = async () => {
  const city = await createTestCity({ listSize: 2 ** 20, checkResponses: false })
  try {
    const wire = createWire(city)
    const keys = keysOf(COPIES)
    const issue = async (): Promise<void> => {
      // A resident has one card at a time.
      const offer = await city.staff('POST', `/v1/residents/${await city.enrol()}/offers`)
      if (offer.status !== 201) throw new Error(`the offer was answered with ${offer.status} ${String(offer.body['code'])}`)
      const answer = await wire.request(await wire.accessToken(offer.body), keys)
      if (answer.status !== 200 || credentialsOf(answer).length !== COPIES) throw new Error(`issuing was answered with ${answer.status}`)
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const message = randomBytes(3_000)
    const rates = await measure({
      native: () => sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      issue,
    }, { rounds: 5, millisecondsARound: 500 })
    const native = { name: 'native ES256 sign', ratePerSecond: rates.native }
    const eight = { name: `${COPIES} native ES256 signs`, ratePerSecond: rates.native / COPIES }
    return [
      { name: `card over HTTP, ${COPIES} copies`, ratePerSecond: rates.issue, native: eight, note: "offer, token, nonce, credential; enrolment and the wallet's share included" },
      { name: 'copy over HTTP', ratePerSecond: rates.issue * COPIES, native, note: 'portrait of 16 kB' },
    ]
  } finally {
    await city.close()
  }
}
